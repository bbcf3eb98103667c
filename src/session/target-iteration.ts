// In which order one connect tries its targets (as in the original). Pure: time comes in as an argument.

import type { SocketAddress } from '../address/socket-address.ts';
import type {
  AvailabilityChainer,
  MultiTargetChainer,
  StateBasedChainer,
} from '../policy/chainer.ts';
import type { ChainerState } from './chainer-state.ts';

/** A chainer that goes through several targets. */
export type IteratingChainer = MultiTargetChainer | StateBasedChainer | AvailabilityChainer;

/** What an iteration goes by. */
export interface IterationFacts {
  readonly chainer: IteratingChainer;
  readonly targets: readonly SocketAddress[];
  readonly state: ChainerState;
  /** What checks say of a target, for a chainer that has them. */
  readonly isUp: (target: SocketAddress) => boolean;
}

/** The way of one connect through its targets: each at most once a round. */
export class TargetIteration {
  readonly #facts: IterationFacts;
  #index = 0;
  #leftInRound = 0;
  #roundsBegun = 0;

  constructor(facts: IterationFacts) {
    this.#facts = facts;
  }

  /** The number of the next target to try; undefined: none is left. */
  next(nowMs: number): number | undefined {
    const { targets, state } = this.#facts;
    while (this.#leftInRound > 0 || this.#beginRound()) {
      const index = this.#index;
      this.#index = (index + 1) % targets.length;
      this.#leftInRound--;
      // Whoever is passed over has had its turn, too: otherwise the one behind it would get its load on top.
      state.turn++;
      if (!this.#isDown(index, nowMs)) return index;
    }
    return undefined;
  }

  /** Tells that the connect to a target failed. */
  failed(index: number, nowMs: number): void {
    const { chainer, targets, state } = this.#facts;
    const target = targets[index];
    if (target !== undefined && 'timeoutStateMs' in chainer) state.fail(target.address, nowMs);
  }

  /** A chainer with memory gets a second round, for which it forgets all failures. */
  #beginRound(): boolean {
    const { chainer, targets, state } = this.#facts;
    const rounds = 'timeoutStateMs' in chainer ? 2 : 1;
    if (targets.length === 0 || this.#roundsBegun === rounds) return false;
    if (this.#roundsBegun > 0) state.forgetFailures();
    this.#roundsBegun++;
    this.#leftInRound = targets.length;
    this.#index = beginsWithFirst(chainer) ? 0 : state.turn % targets.length;
    return true;
  }

  #isDown(index: number, nowMs: number): boolean {
    const { chainer, targets, state, isUp } = this.#facts;
    const target = targets[index];
    if (target === undefined) return true;
    if ('timeoutStateMs' in chainer)
      return state.hasFailed(target.address, nowMs, chainer.timeoutStateMs);
    return chainer.type === 'availability' && !isUp(target);
  }
}

function beginsWithFirst(chainer: IteratingChainer): boolean {
  return (chainer.type === 'availability' ? chainer.order : chainer.type) === 'failover';
}
