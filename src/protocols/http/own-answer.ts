// An answer that the proxy gives by itself, framed for the request that it answers.

import { Buffer } from 'node:buffer';
import type { Bytes, WallClock } from '../../proxy/engine.ts';
import { isFieldValue, isToken } from './heads/byte-text.ts';
import { hasNoBody } from './bodies/framing.ts';
import { dateField } from './heads/http-date.ts';
import { phraseOf } from './heads/status-phrase.ts';

/** An answer of our own. Whoever makes one has checked that its fields are fields. */
export interface OwnAnswer {
  readonly action: 'answer';
  /** 200 to 599. */
  readonly status: number;
  /** Whole lines, each with its CRLF; nothing about the connection or the length. */
  readonly fields: string;
  readonly body: Bytes;
  /** Why we answer ourselves, for the log, such as the code of a login. Default: `http.answered`, the policy wants it. */
  readonly reason?: string;
}

/** What an answer is framed for. */
export interface AnswerFrame {
  /** The method of the request; undefined if it was never read. */
  readonly method: string | undefined;
  /** The minor version of the client. */
  readonly minor: 0 | 1;
  readonly keepsClient: boolean;
  /** What time it is. Default: that is not said. */
  readonly clock?: WallClock | undefined;
}

/** Fields as whole lines. Throws an Error for what is no field: a CR LF would begin an answer of its own. */
export function fieldLines(
  fields: readonly (readonly [name: string, value: string])[] = [],
): string {
  let lines = '';
  for (const [name, value] of fields) {
    if (!isToken(name) || !isFieldValue(value))
      throw new Error(`The field ${name} has a control character`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** The bytes of an answer. */
export function writeAnswer(answer: OwnAnswer, frame: AnswerFrame): Bytes {
  const { method, minor, keepsClient, clock } = frame;
  const { status, fields, body } = answer;
  const date = /^date:/im.test(fields) ? '' : dateField(clock); // the policy may know better
  // Neither may have a body; a 204 has no length either (RFC 9110, 8.6), and that of a 304 is of another answer.
  const isBodiless = hasNoBody(status);
  const length = isBodiless ? '' : `Content-Length: ${body.length}\r\n`;
  const head = Buffer.from(
    `HTTP/1.1 ${status} ${phraseOf(status)}\r\n${date}${fields}${length}${connectionField(minor, keepsClient)}\r\n`,
    'latin1',
  );
  return isBodiless || method === 'HEAD' ? head : Buffer.concat([head, body]);
}

function connectionField(minor: 0 | 1, keepsClient: boolean): string {
  if (!keepsClient) return 'Connection: close\r\n';
  return minor === 0 ? 'Connection: keep-alive\r\n' : '';
}
