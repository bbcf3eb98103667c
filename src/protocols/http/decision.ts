// What the policy decides about a request or a response: an action as it stands, or what a function answers.

import { callPolicy, invalidResult, isPromise } from '../../proxy/policy-call.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import type { Exchange } from './exchange.ts';
import { requestRuleFor } from './policy-tables.ts';
import { policyProblem, Refused } from './problem.ts';
import type { HttpAction } from './http-options.ts';
import type { HttpSettings } from './settings.ts';

/** Returns if the action lets pass; otherwise throws what refuses. `what` is `request` or `response`. */
export function obey(what: 'request' | 'response', action: HttpAction): void {
  if (action.action === 'accept') return;
  const text = action.text ?? `The policy does not permit this ${what}`;
  const verdict = action.action === 'abort' ? 'aborted-by-policy-action' : 'denied-by-policy';
  throw new Refused(policyProblem(`http.${what}-refused`, text, verdict));
}

/** The action that a function of the policy answered; anything else is an invalid policy call. */
export function asAction(what: 'request' | 'response', value: unknown): HttpAction {
  if (isAction(value)) return value;
  throw invalidResult(`${what} policy`, value, 'accept(), reject() or abort()');
}

function isAction(value: unknown): value is HttpAction {
  return (
    typeof value === 'object' &&
    value !== null &&
    'action' in value &&
    (value.action === 'accept' || value.action === 'reject' || value.action === 'abort')
  );
}

/**
 * Decides about a request; throws what refuses it. A promise is given back where a function is async: what it comes to
 * is then for `obey`.
 */
export function decideRequest(
  exchange: Exchange,
  rules: HttpSettings['request'],
  session: ProxySession,
): PromiseLike<unknown> | undefined {
  const rule = requestRuleFor(rules, exchange.request.method);
  if (rule === undefined) throw methodRefused();
  if (typeof rule !== 'function') {
    obey('request', rule);
    return undefined;
  }
  const request = exchange.policyRequest();
  const answer = callPolicy('request policy', () => rule(request, session));
  if (isPromise(answer)) return answer;
  obey('request', asAction('request', answer));
  return undefined;
}

/** A method that the policy does not list. */
export function methodRefused(): Refused {
  return new Refused(
    policyProblem('http.method-refused', 'The policy does not permit this method'),
  );
}
