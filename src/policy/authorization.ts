// Authorization: which of the users whose names were proved may use a service, asked anew at every use.

import { z } from 'zod';
import { callPolicy, invalidResult } from '../proxy/policy-call.ts';
import { checkSettings, declare, isDeclared } from '../proxy/policy-fault.ts';
import type { Identity } from '../proxy/authentication.ts';
import type { ProxySession } from '../proxy/proxy-session.ts';

/** A moment in the local time of this machine. */
export interface Moment {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** From midnight: 0 to 1439. */
  readonly minute: number;
}

/** What an authorization is asked about. */
export interface Use {
  readonly identity: Identity;
  readonly moment: Moment;
  readonly session: ProxySession;
}

/** Says who may use a service. Made by functions of the vocabulary, such as `permitGroup()`. */
export interface Authorization {
  readonly kind: 'authorization';
  permits(use: Use): boolean;
  /** A few words in English, which follow "permits". */
  explain(): string;
}

/** A function in the place of an authorization; it answers true or false, at once. */
export type AuthorizationFunction = (identity: Identity, session: ProxySession) => boolean;

/** What is accepted wherever an authorization is. */
export type AnyAuthorization = Authorization | AuthorizationFunction;

/**
 * Asks an authorization.
 * @throws PolicyFault if it throws, or answers with anything but true or false: a promise would count as true.
 */
export function askAuthorization(authorization: AnyAuthorization, use: Use): boolean {
  const answer = callPolicy('authorization', () =>
    typeof authorization === 'function'
      ? authorization(use.identity, use.session)
      : authorization.permits(use),
  );
  if (typeof answer === 'boolean') return answer;
  throw invalidResult('authorization', answer, 'true or false');
}

/** What an authorization permits, in the words of its `explain()`. */
export function explainAuthorization(authorization: AnyAuthorization): string {
  if (typeof authorization !== 'function') return authorization.explain();
  return authorization.name === '' ? 'by a function' : `by ${authorization.name}()`;
}

/** An authorization that a function of the vocabulary made, or a function in its place. */
export const anyAuthorization = z.custom<AnyAuthorization>(
  (value) =>
    typeof value === 'function' ||
    (typeof value === 'object' &&
      value !== null &&
      'kind' in value &&
      value.kind === 'authorization' &&
      isDeclared(value)),
  { error: 'give an authorization, such as permitGroup("staff"), or a function of a user' },
);

const NAMES_CURE = 'give a name, or a list of names';
const name = z.string({ error: NAMES_CURE }).min(1, { error: NAMES_CURE });
const names = z.object({
  names: z.union([name.transform((one) => [one]), z.array(name).min(1, { error: NAMES_CURE })], {
    error: NAMES_CURE,
  }),
});

/**
 * Permits users by name.
 * @example service('web', { proxy, authentication, authorization: permitUser(['alice', 'bob']) })
 */
export function permitUser(users: string | readonly string[]): Authorization {
  const { settings, faults } = checkSettings(names, { names: users }, { names: 'nobody' });
  const permitted = new Set(settings.names);
  const made: Authorization = {
    kind: 'authorization',
    permits: ({ identity }) => permitted.has(identity.user),
    explain: () => `user ${[...permitted].join(' or ')}`,
  };
  return declare(made, permitUser, faults);
}

/**
 * Permits users who are in one of some groups.
 * @example service('web', { proxy, authentication, authorization: permitGroup('staff') })
 */
export function permitGroup(groups: string | readonly string[]): Authorization {
  const { settings, faults } = checkSettings(names, { names: groups }, { names: 'nobody' });
  const permitted = new Set(settings.names);
  const made: Authorization = {
    kind: 'authorization',
    permits: ({ identity }) => identity.groups.some((group) => permitted.has(group)),
    explain: () => `group ${[...permitted].join(' or ')}`,
  };
  return declare(made, permitGroup, faults);
}

const PARTS_CURE =
  'give a list of authorizations, such as [permitGroup("staff"), permitUser("root")]';
const parts = z.object({
  parts: z.array(anyAuthorization, { error: PARTS_CURE }).min(1, { error: PARTS_CURE }),
});

/**
 * Permits what all of some authorizations permit.
 * @example permitAll([permitGroup('pupils'), permitTime([{ from: '08:00', until: '16:00' }])])
 */
export function permitAll(authorizations: readonly AnyAuthorization[]): Authorization {
  return combine(permitAll, authorizations, 'and');
}

/**
 * Permits what one of some authorizations permits.
 * @example permitAny([permitGroup('staff'), permitUser('root')])
 */
export function permitAny(authorizations: readonly AnyAuthorization[]): Authorization {
  return combine(permitAny, authorizations, 'or');
}

function combine(
  factory: (authorizations: readonly AnyAuthorization[]) => Authorization,
  authorizations: readonly AnyAuthorization[],
  word: 'and' | 'or',
): Authorization {
  const given = { parts: authorizations };
  const { settings, faults } = checkSettings(parts, given, { parts: [() => false] });
  const members = settings.parts;
  const made: Authorization & CombinedAuthorization = {
    kind: 'authorization',
    members,
    permits: (use) =>
      word === 'and'
        ? members.every((one) => askAuthorization(one, use))
        : members.some((one) => askAuthorization(one, use)),
    explain: () => `(${members.map(explainAuthorization).join(`) ${word} (`)})`,
  };
  return declare(made, factory, faults);
}

/** Made of others, whose faults are those of the policy too. */
export interface CombinedAuthorization {
  readonly members: readonly AnyAuthorization[];
}

/** An authorization and all that it is made of. */
export function authorizationsIn(authorization: AnyAuthorization): readonly Authorization[] {
  if (typeof authorization === 'function') return [];
  const members = 'members' in authorization ? membersOf(authorization) : [];
  return [authorization, ...members.flatMap(authorizationsIn)];
}

function membersOf(combined: { readonly members: unknown }): readonly AnyAuthorization[] {
  // Only combine() makes members, and has checked them.
  return combined.members as readonly AnyAuthorization[];
}
