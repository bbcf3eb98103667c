// Reads a head that is all there and in order, which nearly every one is, in one tight loop without any state. Whatever it
// does not take is left to the parser, which says what is the matter with it.
// Indexes below are always inside the array, so `as number` only removes the undefined that cannot be.

import type { Bytes } from '../../../proxy/engine.ts';
import { COLON, CR, FIELD_TEXT, HTAB, LF, SP, TOKEN } from './byte-class.ts';
import type { HeadGrammar } from './head-grammar.ts';
import { COLON_SLOT, FIELD_SLOTS, ID_SLOT, VALUE_END_SLOT, VALUE_SLOT } from './field-texts.ts';
import { Head } from './head.ts';
import { nextHash } from './header-table.ts';

/**
 * The head that begins at `from`, with its fields in `table`; undefined if a part of it is missing, wrong or too long,
 * and for trailers. Throws a Violation where the first line is complete, and not what it must be.
 */
export function wholeHead<Line>(
  grammar: HeadGrammar<Line>,
  table: number[],
  bytes: Bytes,
  from: number,
): Head<Line> | undefined {
  const { limits, readLine } = grammar;
  if (readLine === undefined) return undefined;
  const stop = Math.min(bytes.length, from + limits.maxHeadBytes);
  const lineEnd = textEnd(bytes, from, stop);
  const length = lineEnd - from;
  // An empty line is no first one.
  if (length === 0 || length > limits.maxLineLength || !isCrLf(bytes, lineEnd, stop))
    return undefined;
  const line = readLine(bytes, from, lineEnd);
  const count = wholeFields(grammar, table, bytes, { from, first: lineEnd + 2, stop });
  if (count === NOT_WHOLE) return undefined;
  const end = from + (table[count * FIELD_SLOTS] as number) + 2;
  const isCanonical = table[count * FIELD_SLOTS + 1] === 0;
  return new Head({ line, bytes, base: from, end, table, count, isCanonical });
}

const NOT_WHOLE = -1;

/** Where a head begins, its first field, and what is there of it. */
interface FieldsPlace {
  readonly from: number;
  readonly first: number;
  readonly stop: number;
}

/**
 * Puts fields into a table, behind them where the empty line begins and how many odd blanks there are; gives how many
 * fields.
 */
function wholeFields(
  { limits, names }: HeadGrammar<unknown>,
  table: number[],
  bytes: Bytes,
  { from, first, stop }: FieldsPlace,
): number {
  const { maxLineLength, maxHeaderLines } = limits;
  let start = first;
  let count = 0;
  let odd = 0;
  for (; bytes[start] !== CR && count < maxHeaderLines; count++) {
    let colon = start;
    let hash = 0;
    for (; colon < stop; colon++) {
      const lower = TOKEN[bytes[colon] as number] as number;
      if (lower === 0) break;
      hash = nextHash(hash, lower);
    }
    const end = textEnd(bytes, colon + 1, stop);
    const isSound = bytes[colon] === COLON && colon > start && end - start <= maxLineLength;
    if (!isSound || !isCrLf(bytes, end, stop)) return NOT_WHOLE;
    const text = firstText(bytes, colon + 1, end);
    const last = lastText(bytes, text, end);
    odd += oddBlanks(bytes, colon, text) + end - last;
    const slot = count * FIELD_SLOTS;
    table[slot] = start - from;
    table[slot + COLON_SLOT] = colon - from;
    table[slot + VALUE_SLOT] = text - from;
    table[slot + VALUE_END_SLOT] = last - from;
    table[slot + ID_SLOT] = names.find(hash, bytes, start, colon);
    start = end + 2;
  }
  table[count * FIELD_SLOTS] = start - from;
  table[count * FIELD_SLOTS + 1] = odd;
  return isCrLf(bytes, start, stop) ? count : NOT_WHOLE;
}

/** 0 where one blank stands between a colon and its value, as in canonical form. */
function oddBlanks(bytes: Bytes, colon: number, value: number): number {
  return value === colon + 2 && bytes[colon + 1] === SP ? 0 : 1;
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
