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

/**
 * The identity that a provider proved. Throws if what it said is none: a function may return anything. What it says then shows no value
 * in which a password may be.
 */
export function identityOf(proved: ProvedUser, typed: string): Identity {
  if (!isProvedUser(proved))
    throw new Error(`The provider returned ${kindOf(proved)}: return ${EXPECTED}`);
  const { user = typed, groups = [] } = proved as { user?: unknown; groups?: unknown };
  if (!isName(user))
    throw new Error(`The provider returned ${showValue(user)} as user: return a name`);
  if (!Array.isArray(groups))
    throw new Error(`The provider returned ${showValue(groups)} as groups: return a list of names`);
  // What is checked is what is kept: a list with gaps, or one that answers otherwise the next time, is no list of names.
  const names: readonly unknown[] = groups.length > MAX_GROUPS ? [] : [...(groups as unknown[])];
  if (groups.length > MAX_GROUPS || !names.every(isName))
    throw new Error(`The provider returned ${showValue(groups)} as groups: return a list of names`);
  return Object.freeze({ user, groups: Object.freeze(names) });
}

const EXPECTED = '{ groups: ["..."] } if name and password fit, otherwise undefined';

/** As TypeScript has it: an empty list of rows, `{ ok: false }` or `{ user: row?.name }` of no row proves nobody. */
function isProvedUser(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { user, groups } = value as { user?: unknown; groups?: unknown };
  if (user !== undefined || groups !== undefined) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Object.keys(value).length === 0 && (prototype === Object.prototype || prototype === null);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object without user and groups';
  return value === null ? 'null' : `a ${typeof value}`;
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
