// CRC32C, the checksum of Castagnoli (RFC 3720, appendix B.4). node:zlib has only the other one, of Ethernet and gzip.

const POLYNOMIAL = 0x82f6_3b78; // 0x1edc6f41 with its bits in reverse order
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => shiftedOut(byte));

/** The CRC32C of these bytes as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  let rest = 0xffff_ffff;
  for (const byte of bytes) rest = (rest >>> 8) ^ (TABLE[(rest ^ byte) & 0xff] ?? 0);
  return ~rest >>> 0;
}

function shiftedOut(byte: number): number {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++)
    rest = (rest & 1) === 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest >>> 0;
}
