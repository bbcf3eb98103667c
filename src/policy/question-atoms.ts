// What a question has on each level, found once for each question: a search then only compares numbers.

import type { AtomFinder } from './atom-finder.ts';
import type { Side } from './key-mask.ts';
import { ASKS_NOTHING, maskOf } from './key-mask.ts';

/** What is searched for: it knows which atoms of a level it has. */
export interface Question {
  /** Tells of the atoms on a level, those with most points first. */
  find(level: number, finder: AtomFinder): void;
}

/** The keys of a question on one level: atoms counted from 1, as in entries. */
export class FoundKeys implements AtomFinder {
  /** Those with most points first; what is past `count` is of an earlier question. */
  readonly keys: number[] = [];
  /** What each of `keys` counts in the score of a rule. */
  readonly points: number[] = [];
  count = 0;
  /** The bits of all keys. */
  mask = 0;
  readonly #level: number;

  constructor(level: number) {
    this.#level = level;
  }

  clear(): void {
    this.count = 0;
    this.mask = 0;
  }

  found(atom: number, points: number): void {
    this.keys[this.count] = atom + 1;
    this.points[this.count] = points;
    this.count++;
    this.mask |= maskOf(this.#level, atom + 1);
  }
}

/** The keys of one question after the other: nothing is allocated for a question. */
export class QuestionAtoms {
  /** By level; there are none on a level that no rule asks about. */
  readonly levels: readonly FoundKeys[];
  sourceMask = ASKS_NOTHING;
  destinationMask = ASKS_NOTHING;
  readonly #used: readonly number[];
  readonly #sides: readonly Side[];

  /** `sides` has the side of each level; `used` are the levels that rules ask about. */
  constructor(sides: readonly Side[], used: readonly number[]) {
    this.levels = sides.map((_, level) => new FoundKeys(level));
    this.#sides = sides;
    this.#used = used;
  }

  /** Takes the keys of a question in place of those of the one before. */
  take(question: Question): void {
    this.sourceMask = this.destinationMask = ASKS_NOTHING;
    for (const level of this.#used) {
      const found = this.levels[level];
      if (found === undefined) continue;
      found.clear();
      question.find(level, found);
      if (this.#sides[level] === 'source') this.sourceMask |= found.mask;
      else if (this.#sides[level] === 'destination') this.destinationMask |= found.mask;
    }
  }
}
