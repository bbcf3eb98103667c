// The search of a rule tree. Levels stand in the order in which scores compare them, so a search that tries the branch
// with most points first has the best rule when it comes to a leaf, and looks at no rule that is worse.

import type { BestRules } from './best-rules.ts';
import { NONE } from './best-rules.ts';
import type { FoundKeys, QuestionAtoms } from './question-atoms.ts';
import type { RuleTree } from './rule-tree.ts';

/** Searches one tree, again and again: nothing is allocated for a search. */
export class RuleSearch {
  readonly #tree: RuleTree;
  readonly #atoms: QuestionAtoms;
  readonly #best: BestRules;
  #sourceMask = 0;
  #destinationMask = 0;

  /** It searches for what `atoms` has at the time, and tells `best` what it finds. */
  constructor(tree: RuleTree, atoms: QuestionAtoms, best: BestRules) {
    this.#tree = tree;
    this.#atoms = atoms;
    this.#best = best;
  }

  /** Finds the best rules. */
  run(): void {
    const { sourceMask, destinationMask } = this.#atoms;
    this.#sourceMask = sourceMask;
    this.#destinationMask = destinationMask;
    const root = this.#tree.follow(this.#tree.start, sourceMask, destinationMask);
    if (root !== NONE) this.#search(root, 0);
  }

  /** Whether there is a rule below a node; the best one is kept. `score` is that of the way to the node. */
  #search(start: number, score: number): boolean {
    const tree = this.#tree;
    const levels = this.#atoms.levels;
    for (let node = start; node !== NONE;) {
      if (node < 0) return this.#keep(node, score);
      const found = levels[tree.levelOf(node)];
      if (found !== undefined && this.#searchKeys(node, found, score)) return true;
      node = tree.follow(tree.anyEdge(node), this.#sourceMask, this.#destinationMask);
    }
    return false;
  }

  /** More points on a level outweigh all that the levels below could add; with as many, any branch can be the best. */
  #searchKeys(node: number, { keys, points, count }: FoundKeys, score: number): boolean {
    const tree = this.#tree;
    let best = NONE;
    for (let index = 0; index < count; index++) {
      const more = points[index] ?? 0;
      if (more < best) break;
      const edge = tree.edge(node, keys[index] ?? 0);
      if (edge === NONE) continue;
      const child = tree.follow(edge, this.#sourceMask, this.#destinationMask);
      if (child !== NONE && this.#search(child, score + more)) best = more;
    }
    return best !== NONE;
  }

  #keep(leaf: number, score: number): boolean {
    this.#best.keep(this.#tree.firstRule(leaf), score);
    this.#best.keep(this.#tree.secondRule(leaf), score);
    return true;
  }
}
