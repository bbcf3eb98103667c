// The header of a message as a child reads it in MIME form.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../../proxy/engine.ts';
import { CRLF } from '../heads/byte-text.ts';

/** The fields of a head and an empty line, without the first line. */
export function headerOf(head: Bytes): Bytes {
  const start = Buffer.from(head.buffer, head.byteOffset, head.byteLength).indexOf('\n') + 1;
  return Buffer.concat([head.subarray(start), CRLF]);
}
