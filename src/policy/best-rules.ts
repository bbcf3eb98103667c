// The best of the rules that a search has met: the greatest score, and the two lowest places with it.

/** What stands for "no node", "no rule" and "no score". */
export const NONE = -1;

/** The best so far. Places are those of rules by ascending id. */
export class BestRules {
  /** NONE if no rule was met. */
  score = NONE;
  first = NONE;
  /** Another rule with the same score: a collision. */
  second = NONE;

  /** Forgets what was met. */
  clear(): void {
    this.score = this.first = this.second = NONE;
  }

  /** Takes a rule if none is better; one can be met by more ways than one. */
  keep(place: number, score: number): void {
    if (score < this.score || place === NONE) return;
    if (score > this.score) {
      this.score = score;
      this.first = place;
      this.second = NONE;
    } else if (place < this.first) {
      this.second = this.first;
      this.first = place;
    } else if (place > this.first && (this.second === NONE || place < this.second)) {
      this.second = place;
    }
  }
}
