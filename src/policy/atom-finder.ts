// How atoms are told of: rule-conditions.ts says what they are.

/** Is told of the atoms that a packet has. */
export interface AtomFinder {
  /** `points` is what a rule with this atom gets in its score. */
  found(atom: number, points: number): void;
}
