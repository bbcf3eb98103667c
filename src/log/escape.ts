// Text that peers have a hand in, made safe for log files and terminals: nothing in it can end a line, start a terminal
// sequence or turn the direction of writing. What is replaced becomes a \u escape, so nothing is lost.

/** Longest text of one field; a URL of the usual 8 KiB limit would bury the line, and its beginning says enough. */
export const MAX_TEXT_LENGTH = 2048;

/**
 * Control characters (C0, DEL, C1), format characters (bidi controls, zero-width ones), lone surrogates, and the line and
 * paragraph separators U+2028 and U+2029.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Cuts a text that is too long and says how much is missing. */
export function boundText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}...[${text.length - maxLength} more]`;
}

/** A text for one line of a terminal or a file: bounded, and every unsafe character as a \u escape. */
export function escapeText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return boundText(text, maxLength).replace(UNSAFE, toEscape);
}

/** A text in double quotes, in which a quote is escaped too: it cannot look like the end of the value. */
export function quoteText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return escapeJson(JSON.stringify(boundText(text, maxLength)));
}

/**
 * Finished JSON text with every unsafe character as a \u escape. They stand in strings only, where JSON reads the escape
 * as the same character: the value is unchanged, and a terminal that shows the file is safe.
 */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, toEscape);
}

/** A value as one line of JSON: its texts bounded, nothing unsafe in it. */
export function toSafeJson(value: unknown): string {
  return escapeJson(JSON.stringify(value, boundValue));
}

function boundValue(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? boundText(value) : value;
}

function toEscape(character: string): string {
  let escaped = '';
  for (let index = 0; index < character.length; index += 1)
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  return escaped;
}
