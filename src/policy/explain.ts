// Decisions in words, as plain data: JSON for machines. explain-text.ts makes the text for a terminal of it.

import type { Verdict } from '../proxy/verdict.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import type { Forwarded } from './decide-forward.ts';
import type { Decision, Permitted } from './decision.ts';
import { explainRule } from './explain-rule.ts';
import { explainChoice } from './explain-listener.ts';
import { RuleContest } from './rule-contest.ts';
import type { RuleMatch } from './rule-index.ts';
import type { ScoreElements } from './rule-score.ts';
import { scoreElements, showScore } from './rule-score.ts';
import type { Router } from './router.ts';
import { explainRouter } from './router.ts';
import type { Check, StepOutcome, TraceStep } from './trace.ts';

/** A rule that matches a connection, in words. */
export interface ExplainedRule {
  readonly id: number;
  readonly name: string | null;
  /** One line in English: its conditions, and what it starts. */
  readonly explain: string;
  /** Compared from the first element to the last; the greater wins. */
  readonly score: ScoreElements;
}

/** One step of a decision, in words. */
export interface ExplainedStep {
  readonly check: Check;
  readonly outcome: StepOutcome;
  /** What was looked at: `zone`, `listener`, `service`...; null if there was nothing to look at. */
  readonly kind: string | null;
  readonly name: string | null;
  /** `file:line` of what was looked at. */
  readonly source: string | null;
  readonly because: string;
  /** What `because` speaks of. */
  readonly value: string | null;
  /** The rule, where one matched; null for all other steps. */
  readonly rule: ExplainedRule | null;
}

/** A decision in words: plain data, ready for JSON. */
export interface ExplainedDecision {
  readonly outcome: (Decision | Forwarded)['outcome'];
  /** `accepted` also for what detectors are still to decide. */
  readonly verdict: Verdict;
  /** A stable code: `permitted`, `forwarded`, `detecting`, or that of the refusal (`access.outbound`). */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
  readonly service: string | null;
  readonly listener: string | null;
  /** The id of the rule that won. */
  readonly rule: number | null;
  readonly clientZone: string | null;
  readonly serverZone: string | null;
  readonly server: string | null;
  readonly steps: readonly ExplainedStep[];
}

/** Puts a decision into words. */
export function explainDecision(decision: Decision | Forwarded): ExplainedDecision {
  const { outcome, service, listener, rule, clientZone, serverZone, server, trace } = decision;
  const refusal = summaryOf(decision);
  return {
    outcome,
    verdict: refusal.verdict,
    reason: refusal.reason,
    message: refusal.message,
    service: nameOf(service),
    listener: nameOf(listener),
    rule: rule?.id ?? null,
    clientZone: nameOf(clientZone),
    serverZone: nameOf(serverZone),
    server: server === undefined ? null : String(server),
    steps: trace.flatMap(explainStep),
  };
}

function nameOf(thing: { readonly name: string } | undefined): string | null {
  return thing?.name ?? null;
}

interface Summary {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly message: string;
}

function summaryOf(decision: Decision | Forwarded): Summary {
  switch (decision.outcome) {
    case 'refused':
      return decision.refusal;
    case 'permitted':
      return permission(decision);
    case 'forwarded': {
      const message = `${reaching(decision)}, forwarded by the packet filter`;
      return { verdict: 'accepted', reason: 'forwarded', message };
    }
    case 'detecting': {
      const rest = decision.service === undefined ? 'nothing' : `service ${decision.service.name}`;
      const message = `The first bytes tell which service rule ${decision.rule.id} starts: ${rest} if no detector recognises them`;
      return { verdict: 'accepted', reason: 'detecting', message };
    }
  }
}

function permission(decision: Permitted): Summary {
  const message = `${reaching(decision)}${pastParent(decision)}`;
  return { verdict: 'accepted', reason: 'permitted', message };
}

/** The connection is permitted, and yet a further proxy is never reached. */
function pastParent({ service: { proxy, router } }: Permitted): string {
  if (proxy.hasParent !== true || router.isOverrideable) return '';
  return '; but its router leads past its parentProxy, and requests for that are refused';
}

function reaching(decision: Permitted | Forwarded): string {
  const { service, clientZone, serverZone, server } = decision;
  const who =
    clientZone === undefined ? 'Clients in no zone' : `Clients in zone ${clientZone.name}`;
  const clients = `${who} may use service ${service.name}`;
  if (server === undefined) return clients;
  const zone = serverZone === undefined ? 'no zone' : `zone ${serverZone.name}`;
  return `${clients} to reach ${String(server)} in ${zone}`;
}

/** The steps of a trace step: one, but one for each rule that matches. */
function explainStep(step: TraceStep): readonly ExplainedStep[] {
  if (!(step.value instanceof RuleContest)) return [explainOne(step)];
  const [winner, ...losers] = step.value.candidates;
  if (winner === undefined) return [explainOne(step)];
  const lost = losers.map((match) => {
    const isTie = match.score === winner.score;
    const because = isTie
      ? 'another that is as specific has a lower id'
      : 'another is more specific';
    return explainRuleStep({ ...step, outcome: 'lost', subject: match.rule, because }, match);
  });
  return [explainRuleStep(step, winner), ...lost];
}

/** The step of one rule: it is named by its id, and shows its score. */
function explainRuleStep(step: TraceStep, { id, rule, score }: RuleMatch): ExplainedStep {
  const explained = {
    id,
    name: rule.name ?? null,
    explain: explainRule(rule),
    score: scoreElements(score),
  };
  return { ...explainOne(step), name: String(id), value: showScore(score), rule: explained };
}

function explainOne(step: TraceStep): ExplainedStep {
  const { check, outcome, subject, because } = step;
  const location = subject === undefined ? undefined : sourceOf(subject);
  return {
    check,
    outcome,
    kind: textField(subject, 'kind'),
    name: textField(subject, 'name') ?? textField(subject, 'type'),
    source: location === undefined ? null : showSource(location),
    because,
    value: valueOf(step),
    rule: null,
  };
}

function textField(subject: object | undefined, field: string): string | null {
  const value: unknown = subject === undefined ? undefined : Reflect.get(subject, field);
  return typeof value === 'string' ? value : null;
}

function valueOf({ check, subject, value }: TraceStep): string | null {
  if (check === 'router' && isRouter(subject)) return explainRouter(subject);
  if (value === undefined || value instanceof RuleContest) return null;
  if ('after' in value) return `${String(value.before)} becomes ${String(value.after)}`;
  if ('detector' in value) return `${value.service.name} if ${value.detector.explain()}`;
  return 'service' in value ? explainChoice(value) : String(value);
}

function isRouter(subject: object | undefined): subject is Router {
  return textField(subject, 'kind') === 'router';
}
