// One question to a provider, in bounded time, and the check of what it answers.

import type { AuthenticationProvider, ProvedUser } from '../policy/authentication-provider.ts';
import type { Credentials, Identity } from '../proxy/authentication.ts';
import { showValue } from '../proxy/policy-fault.ts';
import type { ProxySession } from '../proxy/proxy-session.ts';
import type { Outside } from './outside.ts';

/** The surroundings of a question. */
export interface Asking {
  readonly outside: Pick<Outside, 'clock' | 'passwords'>;
  readonly session: ProxySession;
  readonly timeoutMs: number;
}

/** Asks a provider. Rejects if it fails or takes too long. */
export async function checkProvider(
  { outside, session, timeoutMs }: Asking,
  provider: AuthenticationProvider,
  credentials: Credentials,
): Promise<ProvedUser | undefined> {
  let cancel = (): void => undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    cancel = outside.clock.after(timeoutMs, () => {
      reject(new Error(`The provider did not answer within ${timeoutMs} ms`));
    });
  });
  const { user, password } = credentials;
  try {
    const answer =
      provider.type === 'function'
        ? provider.check(user, password, session)
        : outside.passwords.check(provider, credentials);
    return await Promise.race([answer, timeout]);
  } finally {
    cancel();
  }
}

// More than any directory has for one person; what stands in records and cookies is bounded by it.
const MAX_GROUPS = 1_000;
const MAX_NAME_LENGTH = 256;

/** The identity that a provider proved. Throws if what it said is none: a function may return anything. */
export function identityOf(proved: ProvedUser, typed: string): Identity {
  const { user = typed, groups = [] } = (isObject(proved) ? proved : { user: '' }) as {
    user?: unknown;
    groups?: unknown;
  };
  if (!isName(user) || !Array.isArray(groups))
    throw new Error(`The provider returned ${showValue(proved)}: return { groups: ["..."] }`);
  // What is checked is what is kept: a list with gaps, or one that answers otherwise the next time, is no list of names.
  const names: readonly unknown[] = groups.length > MAX_GROUPS ? [] : [...(groups as unknown[])];
  if (groups.length > MAX_GROUPS || !names.every(isName))
    throw new Error(`The provider returned ${showValue(groups)} as groups: return a list of names`);
  return Object.freeze({ user, groups: Object.freeze(names) });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_NAME_LENGTH &&
    // Half of a character becomes another one in a cookie, and then a name is that of somebody else.
    value.isWellFormed() &&
    !/\p{Cc}/u.test(value)
  );
}
