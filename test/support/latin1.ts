// Bytes as text and back, one character a byte: tests write what is on the wire as strings.

import type { Bytes } from '../../src/proxy/engine.ts';

/** What a test may write where bytes are meant: text of the characters U+0000 to U+00FF, or bytes. */
export type Wire = string | Bytes;

/** The bytes of a text, one for each character; bytes are copied. */
export function toBytes(wire: Wire): Bytes {
  if (typeof wire !== 'string') return new Uint8Array(wire);
  const bytes = new Uint8Array(Buffer.from(wire, 'latin1'));
  if (toText(bytes) !== wire) throw new RangeError(`Cannot write ${wire} as bytes: encode it`);
  return bytes;
}

/** The text whose characters are these bytes. */
export function toText(wire: Wire): string {
  if (typeof wire === 'string') return wire;
  return Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength).toString('latin1');
}

/** Bytes as a quoted text on one line, in the escapes of JSON, so that `unquote` reads it back. */
export function quote(wire: Wire): string {
  return JSON.stringify(toText(wire)).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Reads what `quote` wrote. */
export function unquote(text: string): string {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'string') throw new SyntaxError(`Cannot read ${text}: quote it`);
  return value;
}
