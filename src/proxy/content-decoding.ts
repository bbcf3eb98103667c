// How contents are decoded on their way into a stacked child, so that it sees what the receiver would make of them.

/** A coding that can be undone (RFC 9110, 8.4.1; br: RFC 7932, zstd: RFC 8878). */
export type ContentCoding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** What is done to the contents, and how much they may become. */
export interface ContentDecoding {
  readonly coding: ContentCoding;
  /** So many bytes before the contents, such as a header, are not coded. */
  readonly plainBytes: number;
  /** Decoded bytes for each coded byte that was taken so far, once more than `UNMEASURED_BYTES` have come (decompression bomb). */
  readonly maxRatio: number;
  /** Decoded bytes in all; 0 is no limit. */
  readonly maxBytes: number;
}

/** A beginning of contents may be so long at any ratio: that harms nobody, and a picture may begin with a white sky. */
export const UNMEASURED_BYTES = 262_144;

/** Whether so many bytes may have become of so many. */
export function isWithinBounds(
  { maxRatio, maxBytes }: Pick<ContentDecoding, 'maxRatio' | 'maxBytes'>,
  coded: number,
  decoded: number,
): 'yes' | 'too-compressed' | 'too-long' {
  if (maxBytes > 0 && decoded > maxBytes) return 'too-long';
  return decoded > UNMEASURED_BYTES && decoded > coded * maxRatio ? 'too-compressed' : 'yes';
}
