// Providers: who knows users, their passwords and their groups.

import type { ProxySession } from '../proxy/proxy-session.ts';
import { declare, showValue } from '../proxy/policy-fault.ts';
import type { HtpasswdProvider } from './provider-htpasswd.ts';
import type { LdapProvider } from './provider-ldap.ts';

/** What a provider says of credentials that fit. */
export interface ProvedUser {
  /** Default: none. */
  readonly groups?: readonly string[];
  /** The name by which the user counts from now on. Default: as it was typed. */
  readonly user?: string;
}

/** Checks a name and a password: an object if they fit, undefined if not; or a promise of that. */
export type CheckFunction = (
  user: string,
  password: string,
  session: ProxySession,
) => ProvedUser | undefined | PromiseLike<ProvedUser | undefined>;

/** Asks a function of the policy. */
export interface FunctionProvider {
  readonly kind: 'authentication-provider';
  readonly type: 'function';
  readonly check: CheckFunction;
}

/** Knows users, their passwords and their groups. */
export type AuthenticationProvider = FunctionProvider | HtpasswdProvider | LdapProvider;

/**
 * Asks a function of the policy for users; it may be async. What it throws refuses the client, and is in the log.
 * @example functionProvider((user, password) => (user === 'guest' && password === roomNumber ? { groups: ['guests'] } : undefined))
 */
export function functionProvider(check: CheckFunction): FunctionProvider {
  const made: FunctionProvider = { kind: 'authentication-provider', type: 'function', check };
  const isFunction = typeof check === 'function';
  const cure =
    'give a function (user, password, session) that returns { groups: [...] } or undefined';
  const faults = isFunction ? [] : [{ path: '', value: showValue(check), cure }];
  return declare(made, functionProvider, faults);
}

/** A few words in English: who is asked. */
export function explainProvider(provider: AuthenticationProvider): string {
  switch (provider.type) {
    case 'htpasswd':
      return `the passwords of ${provider.file}`;
    case 'ldap':
      return provider.url;
    case 'function':
      return provider.check.name === '' ? 'a function' : `${provider.check.name}()`;
  }
}
