// Max-Forwards of OPTIONS and TRACE (RFC 9110, 7.6.2): each proxy on the way counts down, and at zero answers itself.

import { Buffer } from 'node:buffer';
import { parseDecimal } from '../../../address/decimal.ts';
import { Violation } from '../../../proxy/violation.ts';
import type { Exchange } from '../exchange.ts';
import type { PromptStep } from '../gate.ts';
import type { Head } from '../heads/head.ts';
import { MAX_FORWARDS } from '../heads/header-table.ts';
import type { KnownFields } from '../heads/known-fields.ts';
import type { OwnAnswer } from '../own-answer.ts';
import type { RequestLine } from '../heads/request-line.ts';

// RFC 9110 knows no bound; no way has as many proxies, and it is the most that `parseDecimal` reads.
const MAX_COUNT = 999_999_999;

/** What is not sent back to whoever asks for a trace (RFC 9110, 9.3.8). */
const SECRETS: readonly string[] = ['authorization', 'proxy-authorization', 'cookie'];

/** The step of the gate; `methods` are those that the policy lists, `known` the fields of the head at the gate. */
export function maxForwardsStep(methods: readonly string[], known: KnownFields): PromptStep {
  // An empty Allow would say that there is none (RFC 9110, 10.2.1).
  const allow = methods.includes('*') ? '' : `Allow: ${methods.join(', ')}\r\n`;
  return {
    check(exchange: Exchange): OwnAnswer | undefined {
      const { method } = exchange.request;
      if (method !== 'OPTIONS' && method !== 'TRACE') return undefined;
      const place = known.place(MAX_FORWARDS);
      if (place === -1) return undefined;
      const count = parseDecimal(exchange.head.value(place), MAX_COUNT);
      if (count === undefined)
        throw new Violation('http.bad-max-forwards', 'client', 'Max-Forwards is not a number');
      if (count > 0) exchange.maxForwards = `Max-Forwards: ${count - 1}\r\n`;
      else return method === 'TRACE' ? traceOf(exchange.head) : optionsOf(allow);
      return undefined;
    },
  };
}

/** In the accounting line: the protocol wants the answer, and not the policy. */
const REASON = 'http.max-forwards';

function optionsOf(fields: string): OwnAnswer {
  return { action: 'answer', status: 200, fields, body: Buffer.alloc(0), reason: REASON };
}

/** The request as it came, without what is secret. */
function traceOf(head: Head<RequestLine>): OwnAnswer {
  const lines = [Buffer.from(head.bytes.subarray(head.base, head.lineStart(0)))];
  for (let index = 0; index < head.count; index++)
    if (!SECRETS.includes(head.name(index).toLowerCase()))
      lines.push(
        Buffer.from(head.bytes.subarray(head.lineStart(index), head.lineStart(index + 1))),
      );
  const body = Buffer.concat([...lines, Buffer.from('\r\n')]);
  const fields = 'Content-Type: message/http\r\n';
  return { action: 'answer', status: 200, fields, body, reason: REASON };
}
