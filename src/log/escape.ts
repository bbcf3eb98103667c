// Text that peers have a hand in, made safe for log files and terminals: nothing in it can end a line, start a terminal
// sequence or turn the direction of writing. What is replaced becomes a \u escape, so nothing is lost.

import { UNSAFE_CHARACTERS } from '../policy/terminal-text.ts';

/** Longest text of one field; a URL of the usual 8 KiB limit would bury the line, and its beginning says enough. */
export const MAX_TEXT_LENGTH = 2048;

/** Nothing to escape, and no look at it by Unicode's tables, which costs ten times as much: most texts are like that. */
const PLAIN = /^[ -~]*$/;
/** The same without the two characters that JSON escapes. */
const PLAIN_IN_QUOTES = /^[ !#-[\]-~]*$/;

/** Cuts a text that is too long and says how much is missing. */
export function boundText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}...[${text.length - maxLength} more]`;
}

/** A text for one line of a terminal or a file: bounded, and every unsafe character as a \u escape. */
export function escapeText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return escapeJson(boundText(text, maxLength));
}

/** A text in double quotes, in which a quote is escaped too: it cannot look like the end of the value. */
export function quoteText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  const bounded = boundText(text, maxLength);
  return PLAIN_IN_QUOTES.test(bounded) ? `"${bounded}"` : escapeJson(JSON.stringify(bounded));
}

/**
 * Finished JSON text with every unsafe character as a \u escape. They stand in strings only, where JSON reads the escape
 * as the same character: the value is unchanged, and a terminal that shows the file is safe.
 */
export function escapeJson(json: string): string {
  return PLAIN.test(json) ? json : json.replace(UNSAFE_CHARACTERS, toEscape);
}

/** A value as one line of JSON: its texts bounded, nothing unsafe in it. */
export function toSafeJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Where the whole is no longer than one text may be, no text is too long, and asking for each would cost the most.
  if (json.length <= MAX_TEXT_LENGTH) return escapeJson(json);
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
