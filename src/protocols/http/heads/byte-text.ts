// Bytes as text and back, one character a byte, and checks of text that a policy wants to put into a head.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../../proxy/engine.ts';

/** No bytes at all. */
export const NO_BYTES: Bytes = new Uint8Array(0);

/** What ends a line. */
export const CRLF: Bytes = bytesOf('\r\n');

/** The text of the bytes from `start` to `end`, one character a byte. */
export function latin1(bytes: Bytes, start: number, end: number): string {
  return bufferOf(bytes).toString('latin1', start, end);
}

/** The same bytes as a Buffer, which can do more than other arrays. */
export function bufferOf(bytes: Bytes): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bytes of a text whose characters are all below U+0100. */
export function bytesOf(text: string): Bytes {
  return Buffer.from(text, 'latin1');
}

/** Bytes with a text before them, whose characters are all below U+0100. */
export function withTextBefore(text: string, bytes: Bytes): Bytes {
  if (text === '') return bytes;
  const all = new Uint8Array(text.length + bytes.length);
  all.set(bytesOf(text));
  all.set(bytes, text.length);
  return all;
}

/** A copy of the bytes from `start` to `end`, out of Buffer's pool. */
export function copyOf(bytes: Bytes, start = 0, end: number = bytes.length): Bytes {
  const copy = Buffer.allocUnsafe(end - start);
  copy.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
  return copy;
}

/** Whether the same bytes stand in `bytes` from `start` to `end` and in `other`. */
export function equalBytes(bytes: Bytes, start: number, end: number, other: Bytes): boolean {
  if (end - start !== other.length) return false;
  for (let index = 0; index < other.length; index++)
    if (bytes[start + index] !== other[index]) return false;
  return true;
}

/** Whether this text, one character a byte, stands in `bytes` from `start` to `end`. */
export function equalsText(bytes: Bytes, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let index = 0; index < text.length; index++)
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** Whether this is a token (RFC 9110, 5.6.2): a method, a field name. A policy may give anything, such as a number. */
export function isToken(text: unknown): boolean {
  return typeof text === 'string' && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

/**
 * A text without the blanks around it, which are SP and HTAB only: `trim` also takes a no-break space, which is a byte
 * of text.
 */
export function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return text.slice(start, end);
}

function isBlank(text: string, index: number): boolean {
  return text[index] === ' ' || text[index] === '\t';
}

/**
 * The members of a list (RFC 9110, 5.6.1): what stands between commas, without the blanks around it, where there is
 * anything.
 */
export function listMembers(text: string): string[] {
  return text
    .split(',')
    .map(withoutBlanks)
    .filter((member) => member !== '');
}

/** Whether this is a field value: no control bytes, no blanks at its ends (RFC 9110, 5.5). A policy may give anything. */
export function isFieldValue(text: unknown): boolean {
  return (
    typeof text === 'string' &&
    /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/.test(text)
  );
}
