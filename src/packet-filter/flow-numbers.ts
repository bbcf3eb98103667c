// What conntrack remembers of a connection: one number in bits of its mark, for where it is brought or who forwards it.

import type { Listener } from '../policy/make-listener.ts';
import type { PfService } from '../policy/pf-service.ts';
import type { JsonObject } from './nft-json.ts';
import { ct, setBits } from './nft-json.ts';

/** The bits of the mark of a connection that are ours; other tables may use the others. */
export const FLOW_MASK = 0x0fff_0000;
const FLOW_UNIT = 0x1_0000;
/** How many listeners and services of the packet filter there can be: what the bits can tell apart. */
export const MOST_FLOWS = FLOW_MASK / FLOW_UNIT;

/** Who takes a connection. */
export type Taker = Listener | PfService;

/** The numbers of takers, from 1: 0 is the number of what is none of ours. */
export class FlowNumbers {
  readonly #numbers = new Map<Taker, number>();

  /** At most MOST_FLOWS, which the caller has checked. */
  constructor(takers: readonly Taker[]) {
    for (const taker of takers) this.#numbers.set(taker, this.#numbers.size + 1);
  }

  /** The number of a taker. */
  numberOf(taker: Taker): number {
    return this.#numbers.get(taker) ?? 0;
  }

  /** The bits of a taker in the mark of a connection. */
  bitsOf(taker: Taker): number {
    return this.numberOf(taker) * FLOW_UNIT;
  }

  /** Lets the connection remember its taker. */
  remember(taker: Taker): JsonObject {
    return setBits(ct('mark'), { mask: FLOW_MASK, bits: this.bitsOf(taker) });
  }
}

/** The bits of a connection that are ours. */
export const FLOW_BITS: JsonObject = { '&': [ct('mark'), FLOW_MASK] };
