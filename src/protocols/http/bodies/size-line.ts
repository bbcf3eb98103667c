// The line before a chunk, in canonical form (RFC 9112, 7.1): a body of a million chunks makes no text for any of them.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../../proxy/engine.ts';
import { bytesOf } from '../heads/byte-text.ts';

const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
/** 14 digits hold 2^53. */
const MAX_DIGITS = 14;
/** A line for each number of digits, which is written over and over. */
const LINES = Array.from({ length: MAX_DIGITS }, (_, index) =>
  Buffer.from(`${'0'.repeat(index + 1)}\r\n`, 'latin1'),
);

/** The end of a chunked body that has no trailers. */
export const LAST_CHUNK: Bytes = bytesOf('0\r\n\r\n');

/** The line for a chunk of `size` bytes, valid until the next call. */
export function sizeLine(size: number): Bytes {
  let digits = 1;
  for (let rest = size; rest >= 16; rest = Math.floor(rest / 16)) digits++;
  const line = LINES[digits - 1] as Buffer; // a whole number of 53 bits has no more digits
  for (let at = digits - 1, rest = size; at >= 0; at--, rest = Math.floor(rest / 16))
    line[at] = DIGITS[rest % 16] as number; // one of 16
  return line;
}
