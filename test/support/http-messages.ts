// Reads a stream of HTTP messages with the parts of the engine, the way the engine does.

import type { ProxyAction } from '../../src/proxy/engine.ts';
import { Violation } from '../../src/proxy/violation.ts';
import { BodyTransfer } from '../../src/protocols/http/bodies/body-transfer.ts';
import { latin1 } from '../../src/protocols/http/heads/byte-text.ts';
import { isPersistent, readConnection } from '../../src/protocols/http/heads/connection-options.ts';
import type { Framing } from '../../src/protocols/http/bodies/framing.ts';
import { responseFraming } from '../../src/protocols/http/bodies/framing.ts';
import type { Head } from '../../src/protocols/http/heads/head.ts';
import { HeadParser } from '../../src/protocols/http/heads/head-parser.ts';
import { httpPlan, requestReader } from './http-heads.ts';
import type { Wire } from './latin1.ts';
import { toBytes } from './latin1.ts';
import type { ReadMessage } from './llhttp.ts';

/** What came of a stream: the messages that were complete, and the code of what was wrong after them. */
export interface Messages {
  readonly messages: readonly ReadMessage[];
  readonly code: string | undefined;
}

interface HeadReading {
  readonly line: string;
  readonly fields: readonly string[];
  readonly framing: Framing;
  readonly isLast: boolean;
  readonly next: number;
}

const plan = httpPlan({ mode: 'explicit', permitServerRequests: true });

/** Reads requests up to one after which the connection is over. */
export function readRequests(wire: Wire): Messages {
  const parser = new HeadParser(plan.requests.grammar);
  const reader = requestReader(plan);
  return readAll(wire, 'client', (bytes, at) => {
    const head = parser.read(bytes, at);
    if (head === undefined) return undefined;
    const { framing, isPersistent: isKept, method } = reader.read(head);
    const { targetStart, targetEnd } = head.line;
    const target = latin1(head.bytes, head.base + targetStart, head.base + targetEnd);
    return {
      ...{ line: `${method} ${target}`, fields: fieldsOf(head), framing },
      ...{ isLast: !isKept || method === 'CONNECT', next: parser.next },
    };
  });
}

/** Reads responses to GET up to one after which the connection is over. */
export function readResponses(wire: Wire): Messages {
  const { grammar, policy, known } = plan.responses;
  const parser = new HeadParser(grammar);
  return readAll(wire, 'server', (bytes, at) => {
    const head = parser.read(bytes, at);
    if (head === undefined) return undefined;
    known.note(head);
    const framing = responseFraming(head, known, 'GET');
    if (head.line.status === 101) throw new Violation('http.upgrade-refused', 'server', '');
    const options = readConnection(head, known, { names: policy.names, side: 'server' });
    return {
      ...{ line: String(head.line.status), fields: fieldsOf(head), framing },
      ...{ isLast: !isPersistent(head.line.minor, options), next: parser.next },
    };
  });
}

function readAll(
  wire: Wire,
  side: 'client' | 'server',
  readHead: (bytes: Uint8Array, at: number) => HeadReading | undefined,
): Messages {
  const bytes = typeof wire === 'string' ? toBytes(wire) : wire;
  const messages: ReadMessage[] = [];
  try {
    for (let at = 0; at < bytes.length;) {
      const reading = readHead(bytes, at);
      if (reading === undefined) break;
      const { line, fields, framing, isLast, next } = reading;
      const body = bodyOf(framing, side);
      const sent: ProxyAction[] = [];
      at = body.take(bytes, next, sent);
      if (!body.isComplete) break;
      messages.push({ line, fields, body: contentOf(sent, framing) });
      if (isLast) break;
    }
  } catch (error) {
    if (error instanceof Violation) return { messages, code: error.code };
    throw error;
  }
  return { messages, code: undefined };
}

function fieldsOf(head: Head<unknown>): string[] {
  return Array.from(
    { length: head.count },
    (_, index) => `${head.name(index)}: ${head.value(index)}`,
  );
}

/** The content of a body that was sent on; of a chunked one every other piece is framing. */
function contentOf(sent: readonly ProxyAction[], { kind }: Framing): string {
  let text = '';
  for (const action of sent)
    if (action.type === 'send') text += latin1(action.bytes, 0, action.bytes.length);
  return kind === 'chunked' ? withoutChunks(text) : text;
}

/** What chunks hold, in the plain form in which they leave here. */
function withoutChunks(text: string): string {
  let content = '';
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at);
    const size = parseInt(text.slice(at, end), 16);
    if (size === 0) return content;
    content += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}

function bodyOf(framing: Framing, side: 'client' | 'server'): BodyTransfer {
  const to = side === 'client' ? 'server' : 'client';
  return new BodyTransfer({ from: side, to, framing, coding: 'same', limits: plan.settings });
}
