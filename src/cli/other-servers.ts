// What an explanation of one server leaves out: the other servers that a chainer may go to, and what chance decides.

import { finalChainer } from '../policy/chainer.ts';
import type { ConnectFacts } from '../policy/decision.ts';
import type { Decision } from '../policy/decide.ts';
import { decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { Answer } from './answer.ts';
import { answerOf, resolvedBy } from './answer.ts';
import type { Destination } from './question.ts';

/**
 * The decisions for the other servers that the chainer of the service may go to. `connectChainer` goes to the first only,
 * and there are none.
 */
export function otherServers(
  policy: Policy,
  { facts, decision }: Answer,
  to: Destination,
): readonly Decision[] {
  const accepted = decide(policy, { ...facts, connect: undefined });
  if (decision.server === undefined || accepted.outcome !== 'permitted') return [];
  const { service, route } = accepted;
  if (finalChainer(service.chainer).type === 'connect') return [];
  const others: readonly ConnectFacts[] =
    facts.connect?.target !== undefined && route.isInband
      ? resolvedBy(service, to)
          .slice(1)
          .map((target) => ({ target, answer: answerOf(service, to) }))
      : route.targets.slice(1).map((_, index) => ({ candidate: index + 1 }));
  return others.map((connect) => decide(policy, { ...facts, connect }));
}

/** Below 1, as a draw is: what NAT chooses by the lowest draw and by this one differs where it chooses at all. */
const HIGHEST_DRAW = 1 - Number.EPSILON;

/** Whether another draw of NAT would give other addresses. */
export function isDrawn(policy: Policy, { facts, decision }: Answer): boolean {
  if (facts.connect === undefined || decision.server === undefined) return false;
  const connect = { ...facts.connect, draw: HIGHEST_DRAW };
  return endsOf(decision) !== endsOf(decide(policy, { ...facts, connect }));
}

function endsOf(decision: Answer['decision']): string {
  const local = decision.outcome === 'permitted' ? decision.route.local : undefined;
  return `${String(local)} ${String(decision.server)}`;
}
