// A list of regular expressions as one question, in time linear in the length of the text: the engine is that of RE2,
// which has no back-references and no catastrophic patterns. Patterns that do not compile are told, never skipped.

import { RE2JS, RE2Set } from 're2js';
import { patternCure } from '../proxy/pattern-check.ts';

/** Patterns of one list: every text is compared with each group of them; long lists of hosts are for domainMatcher. */
export const MAX_PATTERNS = 10_000;

/** Characters of a text; a URL has at most 8,192 in Zorp, so that only a function of a policy can have a longer one. */
export const MAX_TEXT_LENGTH = 16_384;

// One automaton for all patterns has too many states to keep, one for each pattern is asked too often: measured with
// 1,000 and 5,000 patterns, groups of 32 are within 2 of the best for each kind of list.
const GROUP = 32;

// Bytes of automaton states that a group may keep before it begins anew; 313 groups of the longest list: 80 MiB.
const GROUP_MEMORY = 262_144;

/** A pattern with its place, for messages. */
export interface PatternSource {
  /** An index, or a line. */
  readonly place: number;
  readonly text: string;
}

/** A pattern that cannot be used. */
export interface PatternFault extends PatternSource {
  readonly cure: string;
}

/** Patterns that are ready to be used. */
export class PatternList {
  /** Finds nothing. */
  static readonly NONE = new PatternList([], []);

  readonly #places: readonly number[];
  readonly #groups: readonly RE2Set[];

  /** Made by `compile`; the places are those of the patterns, in their order. */
  constructor(places: readonly number[], groups: readonly RE2Set[]) {
    this.#places = places;
    this.#groups = groups;
  }

  /** How many patterns there are. */
  get size(): number {
    return this.#places.length;
  }

  /**
   * Compiles patterns, in steps of a few milliseconds.
   * @returns the list, or everything that is wrong.
   */
  static *compile(
    sources: readonly PatternSource[],
    ignoreCase: boolean,
  ): Generator<undefined, PatternList | readonly PatternFault[], undefined> {
    const beyond = sources[MAX_PATTERNS];
    if (beyond !== undefined)
      return [{ ...beyond, cure: `give at most ${MAX_PATTERNS} patterns: ${LONG_LISTS}` }];
    const flags = ignoreCase ? RE2JS.CASE_INSENSITIVE : 0;
    const groups: RE2Set[] = [];
    const faults: PatternFault[] = [];
    for (let start = 0; start < sources.length; start += GROUP) {
      const group = new RE2Set(RE2Set.UNANCHORED, flags, GROUP_MEMORY);
      for (const source of sources.slice(start, start + GROUP)) {
        const cure = patternCure(source.text, flags);
        if (cure === undefined) group.add(source.text);
        else faults.push({ ...source, cure });
      }
      group.compile();
      groups.push(group);
      yield;
    }
    if (faults.length > 0) return faults;
    return new PatternList(
      sources.map(({ place }) => place),
      groups,
    );
  }

  /** Compiles patterns without a pause: for a list that is written in a policy. */
  static compileAtOnce(
    sources: readonly PatternSource[],
    ignoreCase: boolean,
  ): PatternList | readonly PatternFault[] {
    const compiling = PatternList.compile(sources, ignoreCase);
    let step = compiling.next();
    while (step.done !== true) step = compiling.next();
    return step.value;
  }

  /** Whether some pattern is found anywhere in the text. Throws an Error for a text that is too long. */
  find(text: string): boolean {
    return this.placeOf(text) !== undefined;
  }

  /** The place of a pattern that is found in the text; undefined if none is. Throws an Error as `find` does. */
  placeOf(text: string): number | undefined {
    if (text.length > MAX_TEXT_LENGTH)
      throw new Error(`the text has more than ${MAX_TEXT_LENGTH} characters`);
    for (const [index, group] of this.#groups.entries()) {
      const [found] = group.match(text);
      if (found !== undefined) return this.#places[index * GROUP + found];
    }
    return undefined;
  }
}

const LONG_LISTS = 'domainMatcher() takes long lists of host names';
