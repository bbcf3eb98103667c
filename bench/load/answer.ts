// Whether what arrived is the whole and right answer to GET /small.

import { SMALL_BYTES } from '../content.ts';

const HEAD_END = '\r\n\r\n';

/** What must be in an answer. */
export interface Expected {
  /** Whether the proxy adds a field to requests, which the back end shows in its answers. */
  readonly hasAddedField: boolean;
}

/** Checks the bytes received since the request. Throws for an answer that is wrong. */
export function checkAnswer(bytes: Buffer, { hasAddedField }: Expected): 'whole' | 'more' {
  const headEnd = bytes.indexOf(HEAD_END, 0, 'latin1');
  if (headEnd < 0) return 'more';
  const head = bytes.toString('latin1', 0, headEnd + 2);
  if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`Wrong status: ${firstLine(head)}`);
  if (hasAddedField !== /\r\nx-seen: added\r\n/i.test(head))
    throw new Error(`The added field is ${hasAddedField ? 'missing' : 'where none belongs'}`);
  // Whoever sends a Referer is before a policy that drops it.
  if (/\r\nx-referer: /i.test(head)) throw new Error('The field that is to be dropped was not');
  const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1]);
  if (length !== SMALL_BYTES) throw new Error(`Content-Length is ${length}, not ${SMALL_BYTES}`);
  const left = headEnd + HEAD_END.length + SMALL_BYTES - bytes.length;
  if (left < 0) throw new Error(`${-left} bytes follow the answer`);
  return left > 0 ? 'more' : 'whole';
}

function firstLine(head: string): string {
  return head.slice(0, head.indexOf('\r\n'));
}
