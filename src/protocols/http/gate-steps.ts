// The steps of the gate in their order. A step that the settings do not need is not there, and costs nothing.

import type { Outcome, ProxyContext } from '../../proxy/engine.ts';
import { settledValue } from '../../proxy/policy-call.ts';
import { authenticationStep } from './authentication/authentication-step.ts';
import { checkCategory } from './filters/category-filter.ts';
import type { CategorySettings } from './filters/category-settings.ts';
import { asAction, decideRequest, obey } from './rules/decision.ts';
import type { ErrorPages } from './pages/error-pages.ts';
import type { Exchange } from './exchange.ts';
import { maxForwardsStep } from './forwarding/max-forwards.ts';
import { loopStep } from './forwarding/via-loop.ts';
import type { GateStep, PatientStep, PromptStep, StepResult } from './gate.ts';
import { Gate } from './gate.ts';
import type { FieldKnowledge } from './rules/policy-changes.ts';
import { problemOfFailure, Refused } from './problem.ts';
import type { HttpSettings } from './settings.ts';
import { upgradeStep } from './upgrade/upgrade-step.ts';
import type { CheckedUrlFilter } from './filters/url-filter.ts';
import { checkUrl } from './filters/url-filter.ts';

/** What the steps need to know beside the settings. */
export interface GateNeeds {
  /** Functions over the response will ask for the request. */
  readonly keepsRequest: boolean;
  readonly fields: FieldKnowledge;
  readonly pages: ErrorPages;
}

/** Compiles the gate. */
export function gateOf(settings: HttpSettings, needs: GateNeeds): Gate {
  const { urlFilter, request, via, upgrade } = settings;
  const { known } = needs.fields;
  const steps: GateStep[] = [REFUSED_SESSION, authenticationStep(settings, needs)];
  if (typeof via === 'object') steps.push(loopStep(via.pseudonym, known));
  if (urlFilter !== undefined) steps.push(urlStep(urlFilter));
  if (Object.keys(settings.urlCategory).length > 0) steps.push(categoryStep(settings));
  steps.push(policyStep(request, needs));
  if (settings.mode === 'explicit') steps.push(maxForwardsStep(Object.keys(request), known));
  if (upgrade !== undefined) steps.push(upgradeStep(upgrade, known));
  return new Gate(steps);
}

/** A session that may only be told why it is refused. */
const REFUSED_SESSION: PromptStep = {
  check(_exchange: Exchange, { refusal }: ProxyContext) {
    if (refusal !== undefined) throw new Refused(problemOfFailure(refusal));
    return undefined;
  },
};

/** The lists of URLs and hosts. */
function urlStep(filter: CheckedUrlFilter): PromptStep {
  return {
    isAboutUrl: true,
    check({ request }) {
      checkUrl(filter, request);
      return undefined;
    },
  };
}

/** The categories of URLs. */
function categoryStep(settings: CategorySettings): PromptStep {
  return {
    isAboutUrl: true,
    check: ({ request }) => checkCategory(settings, request),
  };
}

/** The policy over methods, with its functions. */
function policyStep(
  rules: HttpSettings['request'],
  { keepsRequest, fields }: GateNeeds,
): PatientStep {
  return {
    check(exchange: Exchange, { session }: ProxyContext): StepResult {
      // The head is valid now, and not any more when the response comes.
      if (keepsRequest) exchange.policyRequest();
      const result = decideRequest(exchange, rules, session);
      if (result === undefined) exchange.decided(fields);
      return result;
    },
    settled(exchange: Exchange, outcome: Outcome): StepResult {
      const action = asAction('request', settledValue('request policy', outcome));
      const result = obey('request', action, exchange.request.method);
      if (result === undefined) exchange.decided(fields);
      return result;
    },
  };
}
