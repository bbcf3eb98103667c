// Reads a head that is all there and in order, which nearly every one is, in one tight loop without any state. Whatever it
// does not take is left to the parser, which says what is the matter with it.
// Indexes below are always inside the array, so `as number` only removes the undefined that cannot be.

import type { Bytes } from '../../proxy/engine.ts';
import { COLON, CR, FIELD_TEXT, HTAB, LF, SP, TOKEN } from './byte-class.ts';
import type { HeadGrammar } from './head-grammar.ts';
import { FIELD_SLOTS, Head } from './head.ts';

/**
 * The head that begins at `from`, with its fields in `table`; undefined if a part of it is missing, wrong or too long, and for
 * trailers. Throws a Violation where the first line is complete, and not what it must be.
 */
export function wholeHead<Line>(
  { limits, names, readLine }: HeadGrammar<Line>,
  table: number[],
  bytes: Bytes,
  from: number,
): Head<Line> | undefined {
  if (readLine === undefined) return undefined;
  const { maxHeaderLines, maxHeadBytes } = limits;
  const maxLine = limits.maxLineLength + 2;
  const stop = Math.min(bytes.length, from + maxHeadBytes);
  const lineEnd = wholeText(bytes, from, Math.min(stop, from + maxLine));
  if (lineEnd <= from) return undefined; // an empty line is no first one
  const line = readLine(bytes, from, lineEnd);
  let start = lineEnd + 2;
  let count = 0;
  for (; bytes[start] !== CR; count++) {
    const colon = nameEnd(bytes, start, stop);
    const hasColon = bytes[colon] === COLON && colon > start;
    const end = hasColon ? wholeText(bytes, colon + 1, Math.min(stop, start + maxLine)) : NOWHERE;
    if (end === NOWHERE || count === maxHeaderLines) return undefined;
    const text = firstText(bytes, colon + 1, end);
    const slot = count * FIELD_SLOTS;
    table[slot] = start - from;
    table[slot + 1] = colon - from;
    table[slot + 2] = text - from;
    table[slot + 3] = lastText(bytes, text, end) - from;
    table[slot + 4] = names.find(bytes, start, colon);
    start = end + 2;
  }
  if (!isCrLf(bytes, start, stop)) return undefined;
  return new Head({ line, bytes, base: from, end: start + 2, table, count });
}

const NOWHERE = -1;

/** Where a text that begins at `at` ends with the line; before everything if it does not. */
function wholeText(bytes: Bytes, at: number, stop: number): number {
  const end = textEnd(bytes, at, stop);
  return isCrLf(bytes, end, stop) ? end : NOWHERE;
}

/** The first place of `bytes` from `at` on that holds no text; `stop` if there is none. */
export function textEnd(bytes: Bytes, at: number, stop: number): number {
  let end = at;
  while (end < stop && FIELD_TEXT[bytes[end] as number] === 1) end++;
  return end;
}

/** The first place of `bytes` from `at` on that no name has; `stop` if there is none. */
export function nameEnd(bytes: Bytes, at: number, stop: number): number {
  let end = at;
  while (end < stop && TOKEN[bytes[end] as number] !== 0) end++;
  return end;
}

/** Where a value begins: behind the blanks before it. */
export function firstText(bytes: Bytes, start: number, end: number): number {
  let first = start;
  while (first < end && isBlank(bytes[first])) first++;
  return first;
}

/** Where a value that begins at `start` ends: before the blanks behind it. */
export function lastText(bytes: Bytes, start: number, end: number): number {
  let last = end;
  while (last > start && isBlank(bytes[last - 1])) last--;
  return last;
}

/** Whether a byte is a blank within a line. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}

function isCrLf(bytes: Bytes, at: number, stop: number): boolean {
  return at + 1 < stop && bytes[at] === CR && bytes[at + 1] === LF;
}
