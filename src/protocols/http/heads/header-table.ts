// Names of header fields, looked up by a hash that the scan of a head makes on its way. A table holds the names that the
// proxy itself acts on and those that a policy names; all others pass without ever becoming a string.

import type { Bytes } from '../../../proxy/engine.ts';
import { bytesOf } from './byte-text.ts';
import { TOKEN } from './byte-class.ts';

/** The field speaks of this connection only and never passes (RFC 9110, 7.6.1). */
export const HOP_BY_HOP = 1;
/** More than one makes a message mean two things: refused. */
export const SINGLETON = 2;
/** `Connection` may not remove it: that would let a peer strip what the other side relies on. */
export const PROTECTED = 4;

/** The names that the proxy acts on; their ids are their places here, in every table. */
const KNOWN: readonly (readonly [name: string, flags: number])[] = [
  ['host', SINGLETON | PROTECTED],
  ['content-length', SINGLETON | PROTECTED],
  ['transfer-encoding', SINGLETON | PROTECTED],
  ['connection', HOP_BY_HOP],
  ['proxy-connection', HOP_BY_HOP],
  ['keep-alive', HOP_BY_HOP],
  ['te', HOP_BY_HOP],
  ['trailer', HOP_BY_HOP],
  ['upgrade', HOP_BY_HOP],
  ['http2-settings', HOP_BY_HOP],
  ['proxy-authenticate', HOP_BY_HOP],
  ['proxy-authentication-info', HOP_BY_HOP],
  ['proxy-authorization', HOP_BY_HOP | SINGLETON],
  ['expect', SINGLETON | PROTECTED],
  ['content-type', SINGLETON | PROTECTED],
  ['authorization', SINGLETON | PROTECTED],
  ['content-encoding', PROTECTED],
  ['content-range', PROTECTED],
  ['cookie', PROTECTED],
  ['set-cookie', PROTECTED],
  ['cache-control', PROTECTED],
  ['location', PROTECTED],
  ['forwarded', PROTECTED],
  ['via', PROTECTED],
  ['x-forwarded-for', PROTECTED],
  ['x-forwarded-host', PROTECTED],
  ['x-forwarded-proto', PROTECTED],
  ['x-real-ip', PROTECTED],
  ['max-forwards', SINGLETON],
  ['date', 0],
];

/** How many ids belong to the known names. */
export const KNOWN_COUNT = KNOWN.length;

export const HOST = knownId('host');
export const CONTENT_LENGTH = knownId('content-length');
export const TRANSFER_ENCODING = knownId('transfer-encoding');
export const CONNECTION = knownId('connection');
export const PROXY_CONNECTION = knownId('proxy-connection');
export const EXPECT = knownId('expect');
export const UPGRADE = knownId('upgrade');
export const VIA = knownId('via');
export const MAX_FORWARDS = knownId('max-forwards');
export const DATE = knownId('date');
export const CONTENT_TYPE = knownId('content-type');
export const COOKIE = knownId('cookie');
export const AUTHORIZATION = knownId('authorization');
export const PROXY_AUTHORIZATION = knownId('proxy-authorization');

/** The id of names that a table does not hold. */
export const UNKNOWN = -1;

/** The flags of an id; 0 for names that the proxy does not act on. */
export function flagsOf(id: number): number {
  return FLAGS[id] ?? 0;
}

const FLAGS = Uint8Array.from(KNOWN, ([, flags]) => flags);

/** The hash of a name with one byte more, which is in lower case; that of no byte is 0. */
export function nextHash(hash: number, lower: number): number {
  return (Math.imul(hash, 31) + lower) | 0;
}

/** The hash of the name that stands in `bytes` from `start` to `end`. */
export function hashAt(bytes: Bytes, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = nextHash(hash, TOKEN[bytes[at] as number] as number);
  return hash;
}

/** Names with their ids, for lookups by hash. Names are compared without regard to case. */
export class HeaderTable {
  readonly names: readonly string[];
  readonly #ids = new Map<string, number>();
  /** All names, one behind the other, and where each begins; the last place is the end of all. */
  readonly #bytes: Bytes;
  readonly #starts: Int32Array;
  readonly #hashes: Int32Array;
  readonly #slots: Int32Array;

  /** A table of the known names and these. */
  constructor(names: Iterable<string> = []) {
    for (const name of [...KNOWN.map(([known]) => known), ...names]) {
      const lower = name.toLowerCase();
      if (!this.#ids.has(lower)) this.#ids.set(lower, this.#ids.size);
    }
    this.names = [...this.#ids.keys()];
    this.#bytes = Uint8Array.from(bytesOf(this.names.join('')));
    this.#starts = new Int32Array(this.names.length + 1);
    this.#hashes = new Int32Array(this.names.length);
    let end = 0;
    for (const [id, { length }] of this.names.entries()) {
      this.#hashes[id] = hashAt(this.#bytes, end, end + length);
      end += length;
      this.#starts[id + 1] = end;
    }
    this.#slots = placeAll(this.#hashes);
  }

  /** The id of a name given as text. */
  idOf(name: string): number {
    return this.#ids.get(name.toLowerCase()) ?? UNKNOWN;
  }

  /** The id of the name that stands in `bytes` from `start` to `end` and has this hash. */
  find(hash: number, bytes: Bytes, start: number, end: number): number {
    const slots = this.#slots;
    const hashes = this.#hashes;
    const mask = slots.length - 1;
    // A slot exists for every masked number, and one in four is free, so the walk ends.
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] as number;
      if (id === UNKNOWN) return UNKNOWN;
      // Names with equal hashes are easily made, so the bytes decide.
      if (hashes[id] === hash && this.#matches(id, bytes, start, end)) return id;
    }
  }

  #matches(id: number, bytes: Bytes, start: number, end: number): boolean {
    const known = this.#bytes;
    const from = this.#starts[id] as number;
    const length = (this.#starts[id + 1] as number) - from;
    if (length !== end - start) return false;
    for (let index = 0; index < length; index++)
      if (TOKEN[bytes[start + index] as number] !== known[from + index]) return false;
    return true;
  }
}

/** Open addressing with room for four times as many names as there are. */
function placeAll(hashes: Int32Array): Int32Array {
  const size = 2 ** Math.ceil(Math.log2(hashes.length * 4));
  const slots = new Int32Array(size).fill(UNKNOWN);
  for (const [id, hash] of hashes.entries()) {
    let slot = hash & (size - 1);
    while (slots[slot] !== UNKNOWN) slot = (slot + 1) & (size - 1);
    slots[slot] = id;
  }
  return slots;
}

function knownId(name: string): number {
  return KNOWN.findIndex(([known]) => known === name);
}
