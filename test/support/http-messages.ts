// Reads a stream of HTTP messages with the parts of the engine, the way the engine does, and counts them.

import { Violation } from '../../src/proxy/violation.ts';
import { BodyTransfer } from '../../src/protocols/http/body-transfer.ts';
import { isPersistent, readConnection } from '../../src/protocols/http/connection-options.ts';
import type { Framing } from '../../src/protocols/http/framing.ts';
import { responseFraming } from '../../src/protocols/http/framing.ts';
import { HeadParser } from '../../src/protocols/http/head-parser.ts';
import { RequestReader } from '../../src/protocols/http/incoming-request.ts';
import { httpTools } from './http-heads.ts';
import { toBytes } from './latin1.ts';
import { testSession } from './test-session.ts';

/** What came of a stream: how many messages were complete, and the code of what was wrong after them. */
export interface Messages {
  readonly complete: number;
  readonly code: string | undefined;
}

interface HeadReading {
  readonly framing: Framing;
  readonly isLast: boolean;
  readonly next: number;
}

const tools = httpTools({ mode: 'explicit', permitServerRequests: true });

/** Reads requests up to one after which the connection is over. */
export function readRequests(text: string): Messages {
  const { grammar, table, policy, known } = tools.requests;
  const parser = new HeadParser(grammar, table);
  const reader = new RequestReader(tools.settings, testSession(), policy.names, known);
  return readAll(text, 'client', (bytes, at) => {
    const head = parser.read(bytes, at);
    if (head === undefined) return undefined;
    const { framing, isPersistent: isKept, method } = reader.read(head);
    return { framing, isLast: !isKept || method === 'CONNECT', next: parser.next };
  });
}

/** Reads responses to GET up to one after which the connection is over. */
export function readResponses(text: string): Messages {
  const { grammar, table, policy, known } = tools.responses;
  const parser = new HeadParser(grammar, table);
  return readAll(text, 'server', (bytes, at) => {
    const head = parser.read(bytes, at);
    if (head === undefined) return undefined;
    known.note(head);
    const framing = responseFraming(head, known, 'GET');
    if (head.line.status === 101) throw new Violation('http.upgrade-refused', 'server', '');
    const options = readConnection(head, known, { names: policy.names, side: 'server' });
    return { framing, isLast: !isPersistent(head.line.minor, options), next: parser.next };
  });
}

function readAll(
  text: string,
  side: 'client' | 'server',
  readHead: (bytes: Uint8Array, at: number) => HeadReading | undefined,
): Messages {
  const bytes = toBytes(text);
  let complete = 0;
  try {
    for (let at = 0; at < bytes.length; complete++) {
      const reading = readHead(bytes, at);
      if (reading === undefined) break;
      const body = bodyOf(reading.framing, side);
      at = body.take(bytes, reading.next, []);
      if (!body.isComplete) break;
      if (reading.isLast) return { complete: complete + 1, code: undefined };
    }
  } catch (error) {
    if (error instanceof Violation) return { complete, code: error.code };
    throw error;
  }
  return { complete, code: undefined };
}

function bodyOf(framing: Framing, side: 'client' | 'server'): BodyTransfer {
  const to = side === 'client' ? 'server' : 'client';
  return new BodyTransfer({ from: side, to, framing, coding: 'same', limits: tools.settings });
}
