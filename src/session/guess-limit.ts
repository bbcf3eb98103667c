// How often a client may guess a password: wrong guesses are counted by its address, and too many of them end the
// guessing for a while.

import type { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { setNewest } from './bounded-map.ts';
import type { Clock } from './outside.ts';

/** Bounds on guesses. */
export interface GuessBounds {
  /** Wrong guesses of one client within the window. */
  readonly maxFailures: number;
  readonly failureWindowMs: number;
}

// Who has more addresses than this guesses faster by having them than by making us forget one.
const MAX_CLIENTS = 10_000;

interface Guesses {
  count: number;
  readonly since: number;
}

/** The guesses of all clients at one authentication policy. */
export class GuessLimit {
  readonly #clock: Clock;
  readonly #bounds: GuessBounds;
  readonly #clients = new Map<string, Guesses>();

  constructor(clock: Clock, bounds: GuessBounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  /**
   * Counts a guess before it is checked, so that many at the same time do not count as none.
   * @returns 0, or the milliseconds until this client may guess again: then nothing was counted.
   */
  take(client: IpAddress): number {
    const { maxFailures, failureWindowMs } = this.#bounds;
    const key = networkOf(client);
    const now = this.#clock.monotonic();
    let guesses = this.#clients.get(key);
    if (guesses === undefined || now - guesses.since >= failureWindowMs) {
      guesses = { count: 0, since: now };
      setNewest(this.#clients, key, guesses, MAX_CLIENTS);
    }
    if (guesses.count >= maxFailures) return guesses.since + failureWindowMs - now;
    guesses.count++;
    return 0;
  }

  /** The guess was right, or nobody could say. */
  giveBack(client: IpAddress): void {
    const guesses = this.#clients.get(networkOf(client));
    if (guesses !== undefined && guesses.count > 0) guesses.count--;
  }
}

const IPV6_NETWORK_BITS = 64; // every host has so many addresses to itself (RFC 4291, 2.5.1)

function networkOf(client: IpAddress): string {
  return client.family === 'ipv4'
    ? client.toString()
    : new Subnet(client, IPV6_NETWORK_BITS).network.toString();
}
