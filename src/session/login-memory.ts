// What is remembered of users who proved who they are: bounded in number and in time.

import type { Identity } from '../proxy/authentication.ts';
import { setNewest } from './bounded-map.ts';
import type { Clock } from './outside.ts';

/** How long and how many. */
export interface MemoryBounds {
  readonly lifetimeMs: number;
  /** Whether the lifetime counts from the last use. */
  readonly renew: boolean;
  readonly maxEntries: number;
}

interface Login {
  readonly identity: Identity;
  readonly version: number;
  /** When it was proved. */
  readonly provedAt: number;
  /** From when on the lifetime counts. */
  countsFrom: number;
}

/** Identities by keys that tell nothing of the passwords in them. */
export class LoginMemory {
  readonly #clock: Clock;
  readonly #bounds: MemoryBounds;
  readonly #logins = new Map<string, Login>();

  constructor(clock: Clock, bounds: MemoryBounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#logins.size;
  }

  /** The identity of a key, if its time is not over, it is not older than `maxAgeMs` and the provider is as it was. */
  find(key: string, version: number, maxAgeMs = Infinity): Identity | undefined {
    const login = this.#logins.get(key);
    if (login === undefined) return undefined;
    const now = this.#clock.monotonic();
    const isOver =
      now - login.countsFrom >= this.#bounds.lifetimeMs || now - login.provedAt >= maxAgeMs;
    if (isOver || login.version !== version) {
      this.#logins.delete(key);
      return undefined;
    }
    if (this.#bounds.renew) login.countsFrom = now;
    return login.identity;
  }

  /** Whether a key was remembered at some time, even if that is over. */
  has(key: string): boolean {
    return this.#logins.has(key);
  }

  /** Remembers an identity that was just proved; beyond the bound the one that was proved first is forgotten. */
  remember(key: string, version: number, identity: Identity): void {
    const now = this.#clock.monotonic();
    const login = { identity, version, provedAt: now, countsFrom: now };
    setNewest(this.#logins, key, login, this.#bounds.maxEntries);
  }
}
