// What the chainer of a service remembers between connections: whose turn it is, and which servers failed.

import type { IpAddress } from '../address/ip-address.ts';
import type { Chainer } from '../policy/chainer.ts';
import { finalChainer } from '../policy/chainer.ts';
import type { AnyService } from '../policy/service.ts';
import { setNewest } from './bounded-map.ts';

// Routers name a handful of servers. Where clients name them, each could be made to fail: then the oldest is forgotten.
const MAX_REMEMBERED_FAILURES = 1024;

/** The memory of one chainer, shared by all sessions that use it. */
export class ChainerState {
  /** How many targets were passed so far: the next one in turn, modulo their number. */
  turn = 0;
  /** When a server failed, by its address without port, oldest first (as in the original). */
  readonly #failedAt = new Map<string, number>();

  /** Remembers that a server failed. */
  fail(address: IpAddress, nowMs: number): void {
    setNewest(this.#failedAt, address.toString(), nowMs, MAX_REMEMBERED_FAILURES);
  }

  /** Whether a server failed within this time. Asking does not make the memory of it last longer. */
  hasFailed(address: IpAddress, nowMs: number, withinMs: number): boolean {
    if (this.#failedAt.size === 0) return false;
    const failedAt = this.#failedAt.get(address.toString());
    return failedAt !== undefined && nowMs - failedAt < withinMs;
  }

  forgetFailures(): void {
    this.#failedAt.clear();
  }

  /** Another one that remembers the same. */
  copy(): ChainerState {
    const made = new ChainerState();
    made.turn = this.turn;
    for (const [key, failedAt] of this.#failedAt) made.#failedAt.set(key, failedAt);
    return made;
  }
}

/** The memories of all chainers of a running instance. They are not of the policy, which is a frozen value. */
export class ChainerStates {
  readonly #states = new WeakMap<Chainer, ChainerState>();

  /** The memory of a chainer: one for each object, so that services share it who share the chainer. */
  of(chainer: Chainer): ChainerState {
    let state = this.#states.get(chainer);
    if (state === undefined) {
      state = new ChainerState();
      this.#states.set(chainer, state);
    }
    return state;
  }

  /**
   * Takes what is remembered over into the services of a new policy: by the name of the service, if its chainer is of
   * the same type. It is a copy, so that sessions of the old policy go on with theirs.
   */
  adopt(before: readonly AnyService[], after: readonly AnyService[]): void {
    const former = new Map(before.map((service) => [service.name, service]));
    for (const service of after) {
      const other = former.get(service.name);
      if (service.kind !== 'service' || other?.kind !== 'service') continue;
      const [one, next] = [finalChainer(other.chainer), finalChainer(service.chainer)];
      const state = this.#states.get(one);
      if (state !== undefined && one.type === next.type && !this.#states.has(next))
        this.#states.set(next, state.copy());
    }
  }
}
