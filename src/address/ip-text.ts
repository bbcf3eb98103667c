// The textual forms of IP addresses, read strictly and written canonically. Strict because an address
// that two programs read differently (is 010.1.1.1 ten or eight?) is a way around a policy.

import { parseDecimal } from './decimal.ts';

/** The two address families. */
export type AddressFamily = 'ipv4' | 'ipv6';

/** Four unsigned 32-bit words, most significant first. An IPv4 address is the first one; the others are 0. */
export type IpWords = readonly [number, number, number, number];

/** What a text meant: an address, or what its author should write instead. */
export type IpReading =
  { readonly family: AddressFamily; readonly words: IpWords } | { readonly cure: string };

const HEX_GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;
const LONGEST_TEXT = 'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255'.length;

/**
 * Reads an IPv4 address of four decimal numbers, or an IPv6 address in any form of RFC 4291, 2.2.
 * Octal, hexadecimal and short IPv4 forms, zone ids and brackets are refused, each with its cure.
 */
export function readIpText(text: string): IpReading {
  if (text.length > LONGEST_TEXT)
    return { cure: `an address has at most ${LONGEST_TEXT} characters` };
  const reading = text.includes(':') ? readIpv6(text) : readIpv4(text);
  return 'cure' in reading ? { cure: cureOfForeignPart(text) ?? reading.cure } : reading;
}

/** What an address never has, and so is a better answer than what is wrong with one of its groups. */
function cureOfForeignPart(text: string): string | undefined {
  if (text.includes('%')) return 'leave out the zone id';
  if (/[[\]]/.test(text)) return 'leave out the brackets';
  if (text.includes('/')) return 'leave out the prefix length';
  if (/\s/.test(text)) return 'leave out the white space';
  return undefined;
}

function readIpv4(text: string): IpReading {
  const parts = text.split('.');
  if (parts.length !== 4) return { cure: 'write four decimal numbers, as in 192.0.2.1' };
  let word = 0;
  for (const part of parts) {
    const byte = parseDecimal(part, 255);
    if (byte === undefined) return { cure: cureOfIpv4Part(part) };
    word = word * 256 + byte;
  }
  return { family: 'ipv4', words: [word, 0, 0, 0] };
}

function cureOfIpv4Part(part: string): string {
  if (/^0[0-9]+$/.test(part)) return 'write each number without leading zeros';
  if (/^[0-9]+$/.test(part)) return 'each number is at most 255';
  return 'write four decimal numbers, as in 192.0.2.1';
}

function readIpv6(text: string): IpReading {
  const hex = replaceIpv4Tail(text);
  if (typeof hex !== 'string') return hex;
  const [before = '', after, ...rest] = hex.split('::');
  if (rest.length > 0) return { cure: 'write "::" at most once' };

  const head = splitGroups(before);
  const tail = splitGroups(after ?? '');
  const cure = checkGroups([...head, ...tail], after !== undefined);
  if (cure !== undefined) return { cure };

  const zeros = Array<string>(GROUPS - head.length - tail.length).fill('0');
  const groups = [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
  return { family: 'ipv6', words: joinGroups(groups) };
}

/** Rewrites the IPv4 tail of `64:ff9b::192.0.2.1` (RFC 4291, 2.2, form 3) as two hexadecimal groups. */
function replaceIpv4Tail(text: string): string | { readonly cure: string } {
  const start = text.lastIndexOf(':') + 1;
  const tail = text.slice(start);
  if (!tail.includes('.')) return text;
  const reading = readIpv4(tail);
  if ('cure' in reading) return reading;
  const [word] = reading.words;
  return `${text.slice(0, start)}${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
}

function splitGroups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

function checkGroups(groups: readonly string[], isShortened: boolean): string | undefined {
  if (!groups.every((group) => HEX_GROUP.test(group))) {
    return 'write each group as one to four hexadecimal digits';
  }
  // "::" stands for at least one group of zeros (RFC 4291, 2.2, form 2).
  if (isShortened && groups.length >= GROUPS) return 'leave out "::", all eight groups are there';
  if (!isShortened && groups.length !== GROUPS) {
    return 'write eight groups, or "::" for those that are zero';
  }
  return undefined;
}

function joinGroups(groups: readonly number[]): IpWords {
  const word = (index: number): number =>
    (groups[index * 2] ?? 0) * 0x10000 + (groups[index * 2 + 1] ?? 0);
  return [word(0), word(1), word(2), word(3)];
}

/** Writes the word of an IPv4 address as four decimal numbers. */
export function writeIpv4(word: number): string {
  const slot = (word ^ (word >>> 8) ^ (word >>> 16)) & (RECENT - 1);
  const recent = recentTexts[slot];
  if (recent?.word === word) return recent.text;
  const text = `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
  recentTexts[slot] = { word, text };
  return text;
}

/** The texts of addresses written lately: each record has some, and most of them are of few machines. */
const RECENT = 256;
const recentTexts: { readonly word: number; readonly text: string }[] = [];

/**
 * Writes an IPv6 address in the one form of RFC 5952: lower case, no leading zeros, "::" for the
 * first of the longest runs of two or more zero groups, and IPv4-mapped addresses with an IPv4 tail.
 */
export function writeIpv6(words: IpWords): string {
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) {
    return `::ffff:${writeIpv4(words[3])}`; // RFC 5952, 5
  }
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const texts = groups.map((group) => group.toString(16));
  const run = longestZeroRun(groups);
  if (run.length < 2) return texts.join(':'); // one zero group is not shortened: RFC 5952, 4.2.2
  const head = texts.slice(0, run.start).join(':');
  const tail = texts.slice(run.start + run.length).join(':');
  return `${head}::${tail}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    const length = index + 1 - start;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}
