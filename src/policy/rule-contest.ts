// All rules that match one connection, with their scores: worked out only when somebody asks for the explanation.

import type { Packet } from './packet.ts';
import type { RuleIndex, RuleMatch } from './rule-index.ts';

/** The contest of the rules over one connection. */
export class RuleContest {
  readonly #index: RuleIndex;
  readonly #packet: Packet;

  constructor(index: RuleIndex, packet: Packet) {
    this.#index = index;
    this.#packet = packet;
  }

  /** All rules that match, the winner first. */
  get candidates(): readonly RuleMatch[] {
    return this.#index.candidates(this.#packet);
  }
}
