// The parsers of the heads of one direction. Nearly every head comes in one piece and is read within one event, so that one
// parser reads them all; only a head that comes in pieces keeps one for itself.

import type { HeadGrammar } from './head-grammar.ts';
import { HeadParser, tableFor } from './head-parser.ts';

/** Where a parser is taken from for the next head, and given back to when the head is complete. */
export class SpareParser<Line> {
  readonly #grammar: HeadGrammar<Line>;
  /** Scratch: the offset table of a head that came in one piece. */
  readonly #table: number[];
  #spare: HeadParser<Line> | undefined;

  constructor(grammar: HeadGrammar<Line>) {
    this.#grammar = grammar;
    this.#table = tableFor(grammar.limits);
  }

  /** A parser, which is the caller's until it gives it back. */
  take(): HeadParser<Line> {
    const spare = this.#spare;
    if (spare === undefined) return new HeadParser(this.#grammar, this.#table);
    this.#spare = undefined;
    return spare;
  }

  /** Takes back a parser that is outside of any head. */
  giveBack(parser: HeadParser<Line>): void {
    this.#spare = parser;
  }
}
