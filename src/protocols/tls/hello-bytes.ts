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
/** Records that it may be cut into: each costs time with every piece that comes. Those who cut it at all make a few. */
const MAX_RECORDS = 256;

/** What stands in a message, without its head; undefined as long as it is not complete. */
export interface HelloBytes {
  readonly body: Bytes;
  /** Where the records of the message end. */
  readonly end: number;
}

/**
 * The body of the ClientHello at the beginning of these bytes; undefined if more must come. A client may send it byte by
 * byte, so that each call must cost little for each record.
 * @throws Malformed if no ClientHello can become of them.
 */
export function helloBytes(bytes: Bytes): HelloBytes | undefined {
  const head: number[] = [];
  let collected = 0;
  let at = 0;
  for (let count = 0; count < MAX_RECORDS; count++) {
    const length = fragmentLength(bytes, at);
    if (length === undefined) return undefined;
    const start = at + RECORD_HEAD;
    at = start + length;
    takeHead(head, bytes, start, at);
    const expected = messageLength(head);
    if (bytes.length < at) return undefined;
    collected += length;
    if (expected === undefined || collected < expected) continue;
    // The keys change after it: a record that goes on with something else is no record of a hello (RFC 8446, 5.1).
    if (collected > expected) throw new Malformed('more follows the ClientHello in its record');
    return { body: bodyOf(bytes.subarray(0, at), expected), end: at };
  }
  throw new Malformed('the ClientHello is cut into too many records');
}

/** The length that the head of a record tells; undefined if the head is not complete. */
function fragmentLength(bytes: Bytes, at: number): number | undefined {
  for (let index = 0; index < RECORD_BEGINNING.length; index++) {
    const byte = bytes[at + index];
    const allowed = RECORD_BEGINNING[index];
    if (byte === undefined || allowed === undefined) return undefined;
    if (byte < allowed.from || byte > allowed.to) throw new Malformed(allowed.why);
  }
  const low = bytes[at + 4];
  if (low === undefined) return undefined;
  const length = (bytes[at + 3] ?? 0) * 256 + low;
  if (length === 0) throw new Malformed('a record of the handshake is empty');
  if (length > MAX_FRAGMENT) throw new Malformed('a record is too long');
  return length;
}

/** Adds what these bytes have of the head of the message. */
function takeHead(head: number[], bytes: Bytes, start: number, end: number): void {
  for (let at = start; at < end && head.length < MESSAGE_HEAD; at++) {
    const byte = bytes[at];
    if (byte === undefined) return;
    head.push(byte);
  }
}

/** The length of the message with its head; undefined if the head is not complete. */
function messageLength([type, high, middle, low]: readonly number[]): number | undefined {
  if (type !== undefined && type !== CLIENT_HELLO)
    throw new Malformed('the first message is no ClientHello');
  if (high === undefined || middle === undefined || low === undefined) return undefined;
  const length = MESSAGE_HEAD + (high * 256 + middle) * 256 + low;
  if (length > MAX_HELLO_BYTES) throw new Malformed('the ClientHello is too long');
  return length;
}

/** What is in these records, which are complete, without the head of the message. */
function bodyOf(records: Bytes, length: number): Bytes {
  const message = new Uint8Array(length);
  let filled = 0;
  for (let at = 0; filled < length;) {
    const size = (records[at + 3] ?? 0) * 256 + (records[at + 4] ?? 0);
    at += RECORD_HEAD;
    message.set(records.subarray(at, at + size), filled);
    filled += size;
    at += size;
  }
  return message.subarray(MESSAGE_HEAD);
}
