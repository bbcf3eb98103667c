// What a regular expression of a policy may be: one that the engine of RE2 compiles, and that stays small.

import { RE2JS, RE2JSException } from 're2js';

/** Characters of one pattern: far more than people can read. */
export const MAX_PATTERN_LENGTH = 1_000;

/** Instructions of one compiled pattern: `.{0,1000}` has about 2,000; counted repetitions of repetitions have millions. */
const MAX_PATTERN_SIZE = 5_000;

/** What to write instead of a pattern; undefined if it is right. `flags` are those of RE2JS. */
export function patternCure(pattern: string, flags: number): string | undefined {
  if (pattern === '') return 'remove it: an empty pattern matches every text';
  if (pattern.length > MAX_PATTERN_LENGTH)
    return `write at most ${MAX_PATTERN_LENGTH} characters: split it into several patterns`;
  try {
    const size = RE2JS.compile(pattern, flags).programSize();
    return size > MAX_PATTERN_SIZE ? 'repeat less: it is too large when it is compiled' : undefined;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // The engine writes the flag before the pattern, and that in its message.
    return `correct it: ${error.message.replace('error parsing regexp: ', '').replace('`(?i)', '`')}`;
  }
}
