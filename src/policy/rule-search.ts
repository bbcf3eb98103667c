// The search of a rule tree. Levels stand in the order in which scores compare them, so a search that tries the branch
// with most points first has the best rule when it comes to a leaf, and looks at no rule that is worse.

import type { KeyTable } from './key-table.ts';
import type { RuleTree } from './rule-tree.ts';
import { NONE } from './rule-tree.ts';

/** What is searched for: it knows which atoms of a level it has. */
export interface Question {
  /** Tells a table of the atoms of its level, those with most points first. */
  find(level: number, table: KeyTable): void;
}

/** Searches one tree, again and again: nothing is allocated for a search, and one must end before the next begins. */
export class RuleSearch {
  readonly #tree: RuleTree;
  readonly #tables: readonly KeyTable[];
  #question: Question = { find: () => undefined };
  /** One bit for each level whose keys have been found. */
  #known = 0;
  #score = NONE;
  #first = NONE;
  #second = NONE;

  /** The tables are those of the levels of the tree. */
  constructor(tree: RuleTree, tables: readonly KeyTable[]) {
    this.#tree = tree;
    this.#tables = tables;
  }

  /** The best score that was found; NONE if there is no rule. */
  get score(): number {
    return this.#score;
  }

  /** The place of the first of the rules with this score. */
  get first(): number {
    return this.#first;
  }

  /** The place of the second of the rules with this score. */
  get second(): number {
    return this.#second;
  }

  /** Finds the best rules for a question. */
  run(question: Question): void {
    this.#question = question;
    this.#known = 0;
    this.#score = this.#first = this.#second = NONE;
    if (this.#tree.root !== NONE) this.#search(this.#tree.root, 0);
  }

  /** Whether there is a rule below a node; the best one is kept. `score` is that of the way to the node. */
  #search(node: number, score: number): boolean {
    const level = this.#tree.levelOf(node);
    const table = this.#tables[level];
    if (table === undefined) return this.#keep(node, score);
    this.#findKeys(level, table);
    if (table.keys.length > 0) {
      const isFound = this.#tree.hasFewEdges(node, table.keys.length)
        ? this.#searchEdges(node, table, score)
        : this.#searchKeys(node, table, score);
      if (isFound) return true;
    }
    const any = this.#tree.anyBranch(node);
    return any !== NONE && this.#search(any, score);
  }

  /** Asks the node for each key of the question. More points on a level outweigh all that the levels below could add. */
  #searchKeys(node: number, table: KeyTable, score: number): boolean {
    let best = NONE;
    for (let index = 0; index < table.keys.length; index++) {
      const points = table.points[index] ?? 0;
      if (points < best) break;
      const branch = this.#tree.branch(node, table.keys[index] ?? 0);
      if (branch !== NONE && this.#search(branch, score + points)) best = points;
    }
    return best !== NONE;
  }

  /** Asks for the key of each edge of the node, in rounds: those with most points, then those with less. */
  #searchEdges(node: number, table: KeyTable, score: number): boolean {
    const count = this.#tree.edgeCount(node);
    let isFound = false;
    let points = Infinity;
    while (!isFound && points > 0) {
      points = this.#mostPoints(node, table, points);
      for (let edge = 0; points > 0 && edge < count; edge++)
        if (table.pointsOf(this.#tree.edgeKey(node, edge)) === points)
          isFound = this.#search(this.#tree.edgeChild(node, edge), score + points) || isFound;
    }
    return isFound;
  }

  /** The most points, less than a bound, that there are for an edge of a node. */
  #mostPoints(node: number, table: KeyTable, below: number): number {
    const count = this.#tree.edgeCount(node);
    let most = 0;
    for (let edge = 0; edge < count; edge++) {
      const points = table.pointsOf(this.#tree.edgeKey(node, edge));
      if (points > most && points < below) most = points;
    }
    return most;
  }

  #findKeys(level: number, table: KeyTable): void {
    const bit = 1 << level;
    if ((this.#known & bit) !== 0) return;
    this.#known |= bit;
    table.clear();
    this.#question.find(level, table);
  }

  #keep(leaf: number, score: number): boolean {
    if (score < this.#score) return true;
    if (score > this.#score) {
      this.#score = score;
      this.#first = this.#second = NONE;
    }
    this.#keepRule(this.#tree.firstRule(leaf));
    this.#keepRule(this.#tree.secondRule(leaf));
    return true;
  }

  /** Of the rules with the best score, those with the lowest ids; one can be met by more ways than one. */
  #keepRule(place: number): void {
    if (place === NONE || place === this.#first || place === this.#second) return;
    if (this.#first === NONE || place < this.#first) {
      this.#second = this.#first;
      this.#first = place;
    } else if (this.#second === NONE || place < this.#second) this.#second = place;
  }
}
