// What a running instance remembers for its authentication policies, which are frozen values: logins, guesses, checks.

import type { Authentication } from '../policy/authentication.ts';
import type { ProvedUser } from '../policy/authentication-provider.ts';
import { GuessLimit } from './guess-limit.ts';
import { LoginMemory } from './login-memory.ts';
import { LoginWindows } from './login-windows.ts';
import type { Clock, Digests } from './outside.ts';

/** The memory of one authentication policy, shared by all sessions that use it. */
export class AuthenticationState {
  readonly logins: LoginMemory | undefined;
  readonly guesses: GuessLimit;
  readonly windows: LoginWindows | undefined;
  /** For seals, where no key file is given: what was proved under a policy counts under no other. */
  readonly sealKey: string;
  /** Checks that are in work, by the key of their credentials: the same question is asked once. */
  readonly checks = new Map<string, Promise<ProvedUser | undefined>>();

  constructor(clock: Clock, { cache, limits, maxAuthTimeMs }: Authentication, sealKey: string) {
    this.sealKey = sealKey;
    this.logins = cache === undefined ? undefined : new LoginMemory(clock, cache);
    this.guesses = new GuessLimit(clock, limits);
    this.windows = maxAuthTimeMs === undefined ? undefined : new LoginWindows(clock, maxAuthTimeMs);
  }
}

/** The memories of all authentication policies of a running instance. */
export class AuthenticationStates {
  /** The secret of this process, for keys of what is remembered. */
  readonly secret: string;
  readonly #clock: Clock;
  readonly #digests: Digests;
  readonly #states = new WeakMap<Authentication, AuthenticationState>();

  constructor(clock: Clock, digests: Digests) {
    this.#clock = clock;
    this.#digests = digests;
    this.secret = digests.newKey();
  }

  /** The memory of a policy: one for each object, so that services share it who share the policy. */
  of(authentication: Authentication): AuthenticationState {
    let state = this.#states.get(authentication);
    if (state === undefined) {
      state = new AuthenticationState(this.#clock, authentication, this.#digests.newKey());
      this.#states.set(authentication, state);
    }
    return state;
  }
}
