// Authentication policies: how the users of a service prove who they are, what is remembered of it, and how often may be
// guessed.

import { z } from 'zod';
import type { LiveFile } from '../proxy/live-input.ts';
import { registerLiveInput } from '../proxy/live-input.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { AuthenticationProvider } from './authentication-provider.ts';
import { explainProvider } from './authentication-provider.ts';
import { milliseconds, objectOf } from './fields.ts';
import { listFile } from './matcher.ts';

/** What is remembered of checks that succeeded. */
export interface AuthenticationCache {
  /**
   * `client`: the same name and password from the same client address are not checked again, on whatever connection.
   * `session`: only on the same connection. `address`: for this time nobody at the address is asked at all, as the cache
   * of the original did it; whoever shares the address shares the user. Default: `client`.
   */
  readonly by?: 'client' | 'session' | 'address';
  /** How long it is remembered. Default: 600000 ms. */
  readonly lifetimeMs?: number;
  /** Count the time from the last use instead of from the check. Default: false. */
  readonly renew?: boolean;
  /** How many are remembered; beyond that the oldest is forgotten. Default: 10000. */
  readonly maxEntries?: number;
}

/** Bounds against guessing and against too much work. */
export interface AuthenticationLimits {
  /** Wrong guesses of one connection; then it is closed. Default: 5. */
  readonly maxAttempts?: number;
  /** Wrong guesses of one client address (one /64 of IPv6) within `failureWindowMs`; then nothing is checked. Default: 20. */
  readonly maxFailures?: number;
  /** How long a wrong guess counts. Default: 60000 ms. */
  readonly failureWindowMs?: number;
  /** Checks that the provider has in work or waiting, over all clients; more are refused. Default: 32. */
  readonly maxChecks?: number;
  /** How long the provider may take. Default: 10000 ms. */
  readonly timeoutMs?: number;
}

/** Options of `inbandAuthentication`. */
export interface InbandAuthenticationOptions {
  /** Who knows users, their passwords and their groups. */
  readonly provider: AuthenticationProvider;
  /** Default: all defaults. `'none'` asks the provider about every request. */
  readonly cache?: AuthenticationCache | 'none';
  readonly limits?: AuthenticationLimits;
  /** After this time users have to type their password again, whatever is remembered. Default: never. */
  readonly maxAuthTimeMs?: number;
  /**
   * A file with a secret of at least 32 characters, which signs cookies and forms: then they count in all processes that
   * have it, after a restart and a reload. Default: a secret for each policy.
   */
  readonly keyFile?: string;
}

/** How the users of a service prove who they are. */
export interface Authentication {
  readonly kind: 'authentication';
  readonly type: 'inband';
  readonly provider: AuthenticationProvider;
  /** Undefined: nothing is remembered. */
  readonly cache: Required<AuthenticationCache> | undefined;
  readonly limits: Required<AuthenticationLimits>;
  /** Undefined: never. */
  readonly maxAuthTimeMs: number | undefined;
  readonly keyFile: string | undefined;
  /** The secret of the key file as it is now; undefined where there is none. Throws until it was read. */
  key(): string | undefined;
}

function count(max: number, standard: number): z.ZodDefault<z.ZodInt> {
  const error = `give a whole number of 1 to ${max}`;
  return z.int({ error }).min(1, { error }).max(max, { error }).default(standard);
}

const cacheSchema = z.strictObject({
  by: z
    .enum(['client', 'session', 'address'], { error: 'give "client", "session" or "address"' })
    .default('client'),
  lifetimeMs: milliseconds.default(600_000),
  renew: z.boolean({ error: 'give true or false' }).default(false),
  maxEntries: count(1_000_000, 10_000),
});

const limitsSchema = z.strictObject({
  maxAttempts: count(1_000, 5),
  maxFailures: count(100_000, 20),
  failureWindowMs: milliseconds.default(60_000),
  maxChecks: count(10_000, 32),
  timeoutMs: milliseconds.default(10_000),
});

const PROVIDER_CURE = 'give a provider, such as htpasswdProvider({ file: "users.htpasswd" })';

const provider = objectOf<AuthenticationProvider>(['authentication-provider'], PROVIDER_CURE);

const schema = z.strictObject({
  provider,
  cache: z
    .union([cacheSchema, z.literal('none')], { error: 'give an object, or "none"' })
    .default(cacheSchema.parse({})),
  limits: limitsSchema.default(limitsSchema.parse({})),
  maxAuthTimeMs: milliseconds.optional(),
  keyFile: listFile.optional(),
});
registerOptions('inbandAuthentication', schema);

const NO_PROVIDER: AuthenticationProvider = declare(
  { kind: 'authentication-provider', type: 'function', check: () => undefined },
  inbandAuthentication,
);

/**
 * Users prove who they are within the protocol of the service: by name and password in HTTP, as its client asks for them.
 * @example service('web', { proxy: httpProxy({ mode: 'explicit' }), router: inbandRouter(), authentication: inbandAuthentication({ provider: htpasswdProvider({ file: 'users.htpasswd' }) }) })
 */
export function inbandAuthentication(options: InbandAuthenticationOptions): Authentication {
  const { settings, faults } = checkSettings(schema, options, { provider: NO_PROVIDER });
  const { provider, cache, limits, maxAuthTimeMs, keyFile } = settings;
  const secret = keyFile === undefined ? undefined : new KeyFile(keyFile);
  if (secret !== undefined && faults.length === 0)
    registerLiveInput(declare(secret.file, inbandAuthentication));
  const made: Authentication = {
    ...{ kind: 'authentication', type: 'inband', provider, limits, maxAuthTimeMs, keyFile },
    cache: cache === 'none' ? undefined : cache,
    key: () => secret?.key(),
  };
  return declare(made, inbandAuthentication, faults);
}

const MIN_KEY_LENGTH = 32; // 128 bits even where only hexadecimal digits are used

class KeyFile {
  readonly file: LiveFile;
  #key: string | undefined;

  constructor(path: string) {
    const take = (text: string): boolean => {
      const key = text.trim();
      if (key.length < MIN_KEY_LENGTH) return false;
      this.#key = key;
      return true;
    };
    this.file = {
      kind: 'live-file',
      path,
      *read(text) {
        yield;
        // The value is never shown: it is a secret, even if a bad one.
        const cure = `write at least ${MIN_KEY_LENGTH} characters, such as: openssl rand -hex 32`;
        return take(text) ? [] : [{ line: undefined, value: 'the secret is too short', cure }];
      },
      forget: () => {
        this.#key = undefined;
      },
    };
  }

  key(): string {
    if (this.#key === undefined) throw new Error(`the key ${this.file.path} was not read`);
    return this.#key;
  }
}

/** A few words in English: how users prove who they are. */
export function explainAuthentication({ provider, cache }: Authentication): string {
  const seconds = String((cache?.lifetimeMs ?? 0) / 1_000);
  const remembered = cache === undefined ? '' : `, remembered for ${seconds} s by ${cache.by}`;
  return `users by ${explainProvider(provider)}${remembered}`;
}
