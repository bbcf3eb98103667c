// Writes ASN.1 in its distinguished encoding (X.690, DER): as much of it as certificates are made of.

/** Encoded bytes. */
export type Der = Uint8Array;

/** Tags of the kinds that are written and read here. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag of a constructed value that is known by its number, such as `[3]`. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

/** A value: tag, length, contents. */
export function encode(tag: number, ...contents: readonly Der[]): Der {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), encodeLength(body.length), body]);
}

function encodeLength(length: number): Der {
  if (length < 0x80) return Buffer.of(length);
  const bytes = numberBytes(length);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

/** A number as bytes, the highest one first. */
function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 0x100)) bytes.unshift(rest % 0x100);
  return bytes;
}

/** A positive integer of these bytes, the highest one first. */
export function encodeInteger(bytes: Der): Der {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = first < 0 ? Buffer.of(0) : bytes.subarray(first);
  const isHigh = (shortest[0] ?? 0) >= 0x80; // it would be a negative number
  return encode(TAG.integer, ...(isHigh ? [Buffer.of(0)] : []), shortest);
}

/** An object identifier such as `2.5.29.17`. */
export function encodeIdentifier(text: string): Der {
  const [first = 0n, second = 0n, ...rest] = text.split('.').map(BigInt);
  const bytes = [first * 40n + second, ...rest].flatMap(base128);
  return encode(TAG.objectIdentifier, Buffer.from(bytes));
}

function base128(value: bigint): number[] {
  const bytes = [Number(value & 0x7fn)];
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(0x80 | Number(rest & 0x7fn));
  return bytes;
}

/** A string of bits, of which the last `unused` mean nothing. */
export function encodeBits(bytes: Der, unused = 0): Der {
  return encode(TAG.bitString, Buffer.of(unused), bytes);
}

/** `TRUE`; the other value is left out wherever it is needed here, since it is the default. */
export const TRUE: Der = encode(TAG.boolean, Buffer.of(0xff));

const FIRST_UTC_YEAR = 1950;
const LAST_UTC_YEAR = 2049;

/** A time in milliseconds since 1970, to the second: with two digits for the year as long as they suffice (RFC 5280, 4.1.2.5). */
export function encodeTime(at: number): Der {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
  const year = new Date(at).getUTCFullYear();
  const isShort = year >= FIRST_UTC_YEAR && year <= LAST_UTC_YEAR;
  const text = isShort ? digits.slice(2) : digits;
  return encode(isShort ? TAG.utcTime : TAG.generalizedTime, Buffer.from(text, 'latin1'));
}
