// What each byte may be in HTTP/1.1, as tables of 256 entries: one lookup a byte is what makes the scan of a head fast.

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;

/** The lower-case form of the bytes of a token (RFC 9110, 5.6.2); 0 for every other byte. */
export const TOKEN: Uint8Array = tableOf((byte) => {
  const character = String.fromCharCode(byte);
  return /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});

/** 1 for the bytes of field values and reason phrases: HTAB, SP, VCHAR, obs-text (RFC 9110, 5.5). */
export const FIELD_TEXT: Uint8Array = tableOf((byte) =>
  byte === HTAB || (byte >= SP && byte !== 0x7f) ? 1 : 0,
);

/** Bits that tell what a request target holds; they are or-ed over its bytes. */
export const TARGET_PERCENT = 2;
export const TARGET_FRAGMENT = 4;
export const TARGET_BACKSLASH = 8;
export const TARGET_DOT = 16;
/** A character that browsers escape in a path or a query, and that other clients may leave as it is. */
export const TARGET_UNSAFE = 32;

const UNSAFE = /["'<>^`{}]/;

/** The bits of a byte of a request target: 0 for bytes outside 0x21 to 0x7e (RFC 9112, 3.2). */
export const TARGET: Uint8Array = tableOf((byte) => {
  if (byte <= SP || byte >= 0x7f) return 0;
  const special: Readonly<Record<string, number>> = {
    '%': TARGET_PERCENT,
    '#': TARGET_FRAGMENT,
    '\\': TARGET_BACKSLASH,
    '.': TARGET_DOT,
  };
  const character = String.fromCharCode(byte);
  return 1 | (special[character] ?? 0) | (UNSAFE.test(character) ? TARGET_UNSAFE : 0);
});

/** The value of a hexadecimal digit plus 1; 0 for every other byte. */
export const HEX: Uint8Array = tableOf((byte) => {
  const character = String.fromCharCode(byte);
  return /[0-9A-Fa-f]/.test(character) ? parseInt(character, 16) + 1 : 0;
});

function tableOf(classify: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => classify(byte));
}
