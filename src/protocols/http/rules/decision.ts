// What the policy decides about a request or a response: an action as it stands, or what a function answers.

import { callPolicy, invalidResult, isPromise } from '../../../proxy/policy-call.ts';
import type { Abort, Accept, Reject } from '../../../proxy/policy-action.ts';
import { actionOf, verdictOf } from '../../../proxy/policy-action.ts';
import { showValue } from '../../../proxy/policy-fault.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import { answerCure, isAnswer } from './answer.ts';
import type { Exchange } from '../exchange.ts';
import type { OwnAnswer } from '../own-answer.ts';
import { ruleForMethod } from './policy-tables.ts';
import { policyProblem, Refused, statusCure } from '../problem.ts';
import type { HttpAction } from '../http-options.ts';
import type { HttpSettings } from '../settings.ts';

/** What an action is about. */
export type Decided = 'request' | 'response';

/**
 * What an action comes to: undefined lets pass, an answer is sent instead; what refuses is thrown. `method` is that of
 * the request.
 */
export function obey(what: Decided, action: HttpAction, method: string): OwnAnswer | undefined {
  switch (action.action) {
    case 'accept':
      return undefined;
    case 'answer':
      return fitting(what, action, method);
    default: {
      const text = action.text ?? `The policy does not permit this ${what}`;
      const problem = policyProblem(`http.${what}-refused`, text, verdictOf(action));
      throw new Refused({ ...problem, status: statusOf(what, action) });
    }
  }
}

const FORBIDDEN = 403;

/** The status of a refusal. */
export function statusOf(what: string, action: Reject | Abort): number {
  const status = action.action === 'reject' ? (action.status ?? FORBIDDEN) : FORBIDDEN;
  const cure = statusCure(status);
  if (cure === undefined) return status;
  throw invalidResult(
    `${what} policy`,
    `reject() of status ${showValue(status)}`,
    `a right one (${cure})`,
  );
}

/** The action that a function of the policy answered; anything else is an invalid policy call. */
export function asAction(what: Decided, value: unknown): HttpAction {
  if (isAnswer(value)) {
    const cure = answerCure(value);
    if (cure === undefined) return value;
    throw invalidResult(`${what} policy`, 'a faulty answer', `a right one (${cure})`);
  }
  if (isAction(value)) return value;
  throw invalidResult(
    `${what} policy`,
    value,
    'accept(), reject(), abort(), answer() or redirect()',
  );
}

const ACTIONS: readonly unknown[] = ['accept', 'reject', 'abort'];

function isAction(value: unknown): value is Accept | Reject | Abort {
  return ACTIONS.includes(actionOf(value));
}

/** After a 2xx to CONNECT the client takes whatever comes for the tunnel that it asked for (RFC 9110, 9.3.6). */
function fitting(what: Decided, answer: OwnAnswer, method: string): OwnAnswer {
  if (method !== 'CONNECT' || answer.status >= 300) return answer;
  throw invalidResult(
    `${what} policy`,
    `an answer of status ${answer.status}`,
    'to CONNECT an answer of 300 to 599',
  );
}

/**
 * Decides about a request; throws what refuses it. A promise is given back where a function is async: what it comes to
 * is then for `asAction` and `obey`.
 */
export function decideRequest(
  exchange: Exchange,
  rules: HttpSettings['request'],
  session: ProxySession,
): OwnAnswer | PromiseLike<unknown> | undefined {
  const { method } = exchange.request;
  const rule = ruleForMethod(rules, method);
  if (rule === undefined) throw methodRefused();
  if (typeof rule !== 'function') return obey('request', rule, method);
  const request = exchange.policyRequest();
  const result = callPolicy('request policy', () => rule(request, session));
  return isPromise(result) ? result : obey('request', asAction('request', result), method);
}

/** A method that the policy does not list. */
export function methodRefused(): Refused {
  return new Refused(
    policyProblem('http.method-refused', 'The policy does not permit this method'),
  );
}
