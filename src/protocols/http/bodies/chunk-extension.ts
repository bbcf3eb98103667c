// The extensions of a chunk, `;name`, `;name=token` or `;name="text"` (RFC 9112, 7.1.1). They are checked and dropped.

import { Violation } from '../../../proxy/violation.ts';
import { CR, FIELD_TEXT, TOKEN } from '../heads/byte-class.ts';

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Extensions of all chunks of a message: without a bound each byte of a body could cost the reader many. */
const MAX_EXTENSION_BYTES = 8_192;

type Phase = 'begin-name' | 'name' | 'begin-value' | 'value' | 'quoted' | 'escaped' | 'quoted-end';

/** Reads the extensions of one chunk after the other, byte by byte. */
export class ChunkExtension {
  readonly #side: 'client' | 'server';
  #phase: Phase = 'begin-name';
  #bytes = 0;

  constructor(side: 'client' | 'server') {
    this.#side = side;
  }

  /** Takes a byte after the first semicolon; true if it is the CR that ends the extensions. */
  take(byte: number): boolean {
    if (++this.#bytes > MAX_EXTENSION_BYTES)
      throw this.#bad('There are more chunk extensions than allowed');
    const next = this.#next(byte);
    if (next === undefined) throw this.#bad('A chunk extension is malformed');
    this.#phase = next === 'end' ? 'begin-name' : next;
    return next === 'end';
  }

  #next(byte: number): Phase | 'end' | undefined {
    return NEXT[this.#phase](byte);
  }

  #bad(message: string): Violation {
    return new Violation('http.bad-chunk-extension', this.#side, message);
  }
}

/** Where a byte leads from each phase; undefined where it may not stand. */
const NEXT: Readonly<Record<Phase, (byte: number) => Phase | 'end' | undefined>> = {
  'begin-name': (byte) => (isToken(byte) ? 'name' : undefined),
  name: (byte) => {
    if (byte === EQUALS) return 'begin-value';
    return isToken(byte) ? 'name' : afterParameter(byte);
  },
  'begin-value': (byte) => {
    if (byte === QUOTE) return 'quoted';
    return isToken(byte) ? 'value' : undefined;
  },
  value: (byte) => (isToken(byte) ? 'value' : afterParameter(byte)),
  quoted: insideQuotes,
  escaped: (byte) => (FIELD_TEXT[byte] === 1 ? 'quoted' : undefined),
  'quoted-end': afterParameter,
};

function isToken(byte: number): boolean {
  return TOKEN[byte] !== 0;
}

function afterParameter(byte: number): Phase | 'end' | undefined {
  if (byte === SEMICOLON) return 'begin-name';
  return byte === CR ? 'end' : undefined;
}

function insideQuotes(byte: number): Phase | undefined {
  if (byte === QUOTE) return 'quoted-end';
  if (byte === BACKSLASH) return 'escaped';
  return FIELD_TEXT[byte] === 1 ? 'quoted' : undefined;
}
