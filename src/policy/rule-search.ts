// The search of a rule tree. Levels stand in the order in which scores compare them, so a search that tries the branch
// with most points first has the best rule when it comes to a leaf, and looks at no rule that is worse.

import type { BestRules } from './best-rules.ts';
import type { QuestionAtoms } from './question-atoms.ts';
import { RuleTree } from './rule-tree.ts';
import { NONE } from './best-rules.ts';

/** Searches one tree, again and again: nothing is allocated for a search. */
export class RuleSearch {
  readonly #tree: RuleTree;
  readonly #atoms: QuestionAtoms;
  readonly #best: BestRules;

  /** It searches for what `atoms` has at the time, and tells `best` what it finds. */
  constructor(tree: RuleTree, atoms: QuestionAtoms, best: BestRules) {
    this.#tree = tree;
    this.#atoms = atoms;
    this.#best = best;
  }

  /** Finds the best rules. */
  run(): void {
    this.#follow(this.#tree.start, 0);
  }

  /** Goes where an edge leads, unless its masks tell that there is no rule. */
  #follow(edge: number, score: number): boolean {
    if (edge === NONE) return false;
    const tree = this.#tree;
    if ((tree.sourceMask(edge) & this.#atoms.sourceMask) === 0) return false;
    if ((tree.destinationMask(edge) & this.#atoms.destinationMask) === 0) return false;
    return this.#search(tree.child(edge), score);
  }

  /** Whether there is a rule below a node; the best one is kept. `score` is that of the way to the node. */
  #search(node: number, score: number): boolean {
    if (node < 0) return this.#keep(node, score);
    const found = this.#atoms.levels[this.#tree.levelOf(node)];
    if (found === undefined) return false;
    const { keys, points, count } = found;
    let best = NONE;
    // More points on a level outweigh all that the levels below could add; with as many, any branch can be the best.
    for (let index = 0; index < count; index++) {
      const more = points[index] ?? 0;
      if (more < best) break;
      if (this.#follow(this.#tree.edge(node, keys[index] ?? 0), score + more)) best = more;
    }
    return best !== NONE || this.#follow(this.#tree.anyEdge(node), score);
  }

  #keep(leaf: number, score: number): boolean {
    this.#best.keep(this.#tree.firstRule(leaf), score);
    this.#best.keep(this.#tree.secondRule(leaf), score);
    return true;
  }
}
