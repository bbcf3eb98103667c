// Finds the first handshake message of a client in the records that it sends (RFC 8446, 5.1): one record, or as many as the
// client likes to cut it into.

import type { Bytes } from '../../proxy/engine.ts';
import { Malformed } from './byte-cursor.ts';

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const MESSAGE_HEAD = 4;
/** What the first bytes of a record may be: its type, and a version from TLS 1.0 to 1.3. */
const RECORD_BEGINNING = [
  { from: HANDSHAKE, to: HANDSHAKE, why: 'a record is no handshake' },
  { from: 3, to: 3, why: 'a record has a version of its own' },
  { from: 1, to: 4, why: 'a record has a version of its own' },
];
const MAX_FRAGMENT = 0x4000; // RFC 8446, 5.1
/** Bytes of a ClientHello, with its head. A hello with a post-quantum key share and a session ticket has about 4 KiB. */
export const MAX_HELLO_BYTES = 32_768;
/** Records that it may be cut into: more than one byte a record would be an attack on whoever puts them together. */
const MAX_RECORDS = 1_024;

/** What stands in a message, without its head; undefined as long as it is not complete. */
export interface HelloBytes {
  readonly body: Bytes;
  /** Where the records of the message end. */
  readonly end: number;
}

/**
 * The body of the ClientHello at the beginning of these bytes; undefined if more must come.
 * @throws Malformed if no ClientHello can become of them.
 */
export function helloBytes(bytes: Bytes): HelloBytes | undefined {
  const fragments: Bytes[] = [];
  let collected = 0;
  let at = 0;
  while (fragments.length < MAX_RECORDS) {
    const length = fragmentLength(bytes, at);
    if (length === undefined) return undefined;
    const start = at + RECORD_HEAD;
    const fragment = bytes.subarray(start, start + length);
    fragments.push(fragment);
    collected += fragment.length;
    const expected = messageLength(fragments);
    if (fragment.length < length) return undefined;
    at = start + length;
    if (expected !== undefined && collected >= expected) {
      // The keys change after it: a record that goes on with something else is no record of a hello (RFC 8446, 5.1).
      if (collected > expected) throw new Malformed('more follows the ClientHello in its record');
      return { body: Buffer.concat(fragments).subarray(MESSAGE_HEAD), end: at };
    }
  }
  throw new Malformed('the ClientHello is cut into too many records');
}

/** The length that the head of a record tells; undefined if the head is not complete. */
function fragmentLength(bytes: Bytes, at: number): number | undefined {
  const head = bytes.subarray(at, at + RECORD_HEAD);
  for (const [index, { from, to, why }] of RECORD_BEGINNING.entries()) {
    const byte = head[index];
    if (byte === undefined) return undefined;
    if (byte < from || byte > to) throw new Malformed(why);
  }
  const [, , , high = 0, low] = head;
  if (low === undefined) return undefined;
  const length = high * 256 + low;
  if (length === 0) throw new Malformed('a record of the handshake is empty');
  if (length > MAX_FRAGMENT) throw new Malformed('a record is too long');
  return length;
}

/** The length of the message with its head; undefined if the head is not complete. */
function messageLength(fragments: readonly Bytes[]): number | undefined {
  const head: number[] = [];
  for (const fragment of fragments) {
    head.push(...fragment.subarray(0, MESSAGE_HEAD - head.length));
    if (head.length === MESSAGE_HEAD) break;
  }
  const [type, high, middle, low] = head;
  if (type !== undefined && type !== CLIENT_HELLO)
    throw new Malformed('the first message is no ClientHello');
  if (high === undefined || middle === undefined || low === undefined) return undefined;
  const length = MESSAGE_HEAD + (high * 256 + middle) * 256 + low;
  if (length > MAX_HELLO_BYTES) throw new Malformed('the ClientHello is too long');
  return length;
}
