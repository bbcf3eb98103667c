// The client side of a decision: which service a connection gets, and whether its client may use it.

import type { Refusal } from '../proxy/engine.ts';
import { checkAccess } from './access.ts';
import { chooseByRule } from './choose-by-rule.ts';
import type { ZonePair } from './choose-service.ts';
import { chooseService } from './choose-service.ts';
import type { ListenedFacts } from './decision.ts';
import { refusalFor } from './decision.ts';
import type { Policy } from './policy.ts';
import type { RuleMatch } from './rule-index.ts';
import type { Rule } from './rule.ts';
import type { AnyService } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';
import type { ZoneQuestion } from './zone-step.ts';
import { matchZone } from './zone-step.ts';

/** The zones that the choice of a service asks for. */
function matchZones(
  policy: Policy,
  { client, local, listener: { type } }: ListenedFacts,
  trace: TraceStep[],
): ZonePair {
  const whenUnknown = type === 'rule' ? 'skipped' : 'refused';
  const clientZone = matchZone(policy, client, { check: 'client-zone', whenUnknown }, trace);
  if (type !== 'cs-zone' && type !== 'rule')
    return { client: clientZone?.value, destination: undefined };
  const destination = matchZone(policy, local, DESTINATION, trace);
  return { client: clientZone?.value, destination: destination?.value };
}

const DESTINATION: ZoneQuestion = { check: 'destination-zone', whenUnknown: 'skipped' };

/** The service of a connection, or that its first bytes will name it. */
export interface ServiceChoice {
  readonly service: AnyService | undefined;
  readonly rule: RuleMatch | undefined;
  readonly clientZone: Zone | undefined;
  readonly isDetecting: boolean;
  /** Why there is no service, if there is none. */
  readonly missing: Refusal;
}

/** Chooses the service of a connection: by its listener, or by the rules if that one asks them. */
export function chooseAnyService(
  policy: Policy,
  facts: ListenedFacts,
  trace: TraceStep[],
): ServiceChoice {
  const { listener } = facts;
  const zones = matchZones(policy, facts, trace);
  if (listener.type === 'rule') return chooseRuled(policy, facts, zones, trace);
  const service = chooseService(listener, zones, trace);
  const clientZone = zones.client;
  return { service, rule: undefined, clientZone, isDetecting: false, missing: NO_SERVICE };
}

function chooseRuled(
  policy: Policy,
  facts: ListenedFacts,
  zones: ZonePair,
  trace: TraceStep[],
): ServiceChoice {
  const match = chooseByRule(policy, facts, zones, trace);
  const clientZone = zones.client;
  if (match === undefined) {
    const nothing = { service: undefined, rule: undefined, isDetecting: false };
    return { ...nothing, clientZone, missing: NO_RULE };
  }
  const { rule } = match;
  const { detected } = facts;
  const isDetecting = rule.detect.length > 0 && detected === undefined;
  traceDetection(rule, detected, trace);
  // Host names of zones change: another rule may win than the one whose detectors were asked, and it starts only its own.
  const line = rule.detect.find((one) => one.service === detected);
  const service = line === undefined ? rule.service : line.service;
  return { service, rule: match, clientZone, isDetecting, missing: NOT_DETECTED };
}

/** What the detectors of a rule found, or that they are still to be asked. */
function traceDetection(rule: Rule, detected: ListenedFacts['detected'], trace: TraceStep[]): void {
  for (const subject of rule.detect) {
    const isOpen = detected === undefined;
    const isChosen = subject.service === detected;
    const outcome = isOpen ? 'open' : isChosen ? 'chosen' : 'skipped';
    const because = isOpen ? 'the first bytes will tell' : isChosen ? RECOGNISED : NOT_RECOGNISED;
    trace.push({ check: 'detector', outcome, subject: subject.detector, because, value: subject });
  }
}

const RECOGNISED = 'it recognises the first bytes';
const NOT_RECOGNISED = 'it does not recognise the first bytes';

/** Whether the client may use the service that was chosen. @returns the refusal, if not. */
export function checkService(
  policy: Policy,
  { service, rule, clientZone, missing }: ServiceChoice,
  trace: TraceStep[],
): Refusal | undefined {
  const check = 'service';
  const startedBy = rule === undefined ? 'listener' : 'rule';
  if (service === undefined) {
    const because = startedBy === 'rule' ? 'the rules name none' : 'no line of the listener fits';
    trace.push({ check, outcome: 'refused', subject: undefined, because });
    return missing;
  }
  if (service.kind === 'deny-service') {
    trace.push({ check, outcome: 'refused', subject: service, because: 'it refuses by name' });
    const message = `Service ${service.name} refuses all connections`;
    return { reason: 'service.denied', verdict: 'denied-by-policy', message };
  }
  if (service.kind === 'pf-service') {
    const because = 'the packet filter forwards it, and no proxy takes its connections';
    trace.push({ check, outcome: 'refused', subject: service, because });
    const message = `Service ${service.name} is one of the packet filter, which has not taken the connection`;
    return { reason: 'service.packet-filter', verdict: 'denied-by-policy', message };
  }
  const because = startedBy === 'rule' ? 'the rule starts it' : 'the listener starts it';
  trace.push({ check, outcome: 'chosen', subject: service, because });
  const question = { direction: 'outbound', zone: clientZone, service, startedBy } as const;
  return checkAccess(policy, question, trace);
}

const NO_SERVICE = refusalFor('listener.no-service', 'The listener has no service for these zones');
const NO_RULE = refusalFor('rule.none', 'No rule matches the connection');
const NOT_DETECTED = refusalFor(
  'detect.none',
  'No detector of the rule recognises the protocol, and the rule has no service for the rest',
);
