// What a policy says about clients that want to go on in another protocol on the same connection (RFC 9110, 7.8).

import { z } from 'zod';
import type { Stackable } from '../../../proxy/engine.ts';
import type { Abort, Accept, Drop, Reject } from '../../../proxy/policy-action.ts';
import { actionOf } from '../../../proxy/policy-action.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import { isStackable } from '../../../proxy/stackable.ts';
import { isToken } from '../heads/byte-text.ts';
import type { HttpRequest } from '../rules/http-request.ts';

/**
 * `accept()`: what follows passes without being looked at. A service or a program: it gets what follows. `drop()`: the
 * request goes on without the wish. `reject()` and `abort()` refuse the request.
 */
export type UpgradeAnswer = Accept | Drop | Reject | Abort | Stackable;

/** Decides about one request; what it stacks is listed in `stacks`. It may be async. */
export type UpgradeFunction = (
  request: HttpRequest,
  session: ProxySession,
) => UpgradeAnswer | PromiseLike<UpgradeAnswer>;

/** What is done with requests for a protocol. */
export type UpgradeRule = UpgradeAnswer | UpgradeFunction;

/** By the name of the protocol, without a version and in any case: `websocket`. All others are dropped. */
export type UpgradeRules = Readonly<Record<string, UpgradeRule>>;

const ACTIONS: readonly unknown[] = ['accept', 'drop', 'reject', 'abort'];
const CURE =
  'give accept(), drop(), reject() or abort(), a service, a program, or a function that returns one';

/** HTTP in another dress would carry requests past the policy that decides about requests. */
const HTTP_NAMES = /^(?:h2c?|http|https)$/i;

const protocolName = z
  .string()
  .refine((name) => isToken(name) && name !== '*', {
    error: 'write the name of a protocol, such as websocket',
  })
  .refine((name) => !HTTP_NAMES.test(name), {
    error: 'remove it: requests of HTTP/2 would pass unseen; it is always dropped',
  });

/** The schema of `upgrade`. */
export const upgradeSchema = z
  .record(
    protocolName,
    z.custom<UpgradeRule>((value) => typeof value === 'function' || isUpgradeAnswer(value), {
      error: CURE,
    }),
    { error: 'give a table by protocol: { websocket: accept() }' },
  )
  .refine(
    (rules) =>
      new Set(Object.keys(rules).map((name) => name.toLowerCase())).size ===
      Object.keys(rules).length,
    { error: 'name each protocol once' },
  );

/** Whether a value is an answer that a policy may give. */
export function isUpgradeAnswer(value: unknown): value is UpgradeAnswer {
  return isStackable(value) || ACTIONS.includes(actionOf(value));
}

/** What rules stack, but for what a function answers. */
export function stacksOfUpgrade(rules: UpgradeRules | undefined): readonly Stackable[] {
  return Object.values(rules ?? {}).filter((rule) => isStackable(rule));
}

/** In English: empty if no protocol is listed. */
export function explainUpgrade(rules: UpgradeRules | undefined): string {
  const lines = Object.entries(rules ?? {}).map(([name, rule]) => `${name} ${wayOf(rule)}`);
  return lines.length === 0 ? '' : `; upgrade of ${lines.join(', ')}`;
}

function wayOf(rule: UpgradeRule): string {
  if (typeof rule === 'function') return 'by a function';
  return isStackable(rule) ? `to ${rule.name}` : rule.action;
}
