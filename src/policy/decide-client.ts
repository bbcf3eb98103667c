// The client side of a decision: which service a connection gets, and whether its client may use it.

import type { Refusal } from '../proxy/engine.ts';
import { checkAccess } from './access.ts';
import { chooseByRule } from './choose-by-rule.ts';
import type { ZonePair } from './choose-service.ts';
import { chooseService } from './choose-service.ts';
import { datagramObstacle } from './datagram-service.ts';
import type { ListenedFacts } from './decision.ts';
import { refusalFor } from './decision.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { Policy } from './policy.ts';
import type { RuleMatch } from './rule-index.ts';
import type { Rule } from './rule.ts';
import type { AnyService, Service } from './service.ts';
import type { Trace } from './trace.ts';
import type { Zone } from './zone.ts';
import type { ZoneQuestion } from './zone-step.ts';
import { matchZone } from './zone-step.ts';

/** The zones that the choice of a service asks for. */
function matchZones(
  policy: Policy,
  { client, local, listener: { type } }: ListenedFacts,
  trace: Trace,
): ZonePair {
  const question = type === 'rule' ? ASKED_BY_RULE : ASKED_BY_LISTENER;
  const clientZone = matchZone(policy, client, question, trace);
  if (type !== 'cs-zone' && type !== 'rule')
    return { client: clientZone?.value, destination: undefined };
  const destination = matchZone(policy, local, DESTINATION, trace);
  return { client: clientZone?.value, destination: destination?.value };
}

const ASKED_BY_LISTENER: ZoneQuestion = { check: 'client-zone', whenUnknown: 'refused' };
const ASKED_BY_RULE: ZoneQuestion = { check: 'client-zone', whenUnknown: 'skipped' };
const DESTINATION: ZoneQuestion = { check: 'destination-zone', whenUnknown: 'skipped' };

/** The service of a connection, or that its first bytes will name it. */
export interface ServiceChoice {
  readonly service: AnyService | undefined;
  readonly rule: RuleMatch | undefined;
  readonly clientZone: Zone | undefined;
  readonly isDetecting: boolean;
  /** The IP protocol by its number, as far as it is known. */
  readonly protocol: number | undefined;
  /** Why there is no service, if there is none. */
  readonly missing: Refusal;
}

/** Chooses the service of a connection: by its listener, or by the rules if that one asks them. */
export function chooseAnyService(
  policy: Policy,
  facts: ListenedFacts,
  trace: Trace,
): ServiceChoice {
  const { listener, protocol } = facts;
  const zones = matchZones(policy, facts, trace);
  if (listener.type === 'rule') return chooseRuled(policy, facts, zones, trace);
  const service = chooseService(listener, zones, trace);
  return {
    service,
    rule: undefined,
    clientZone: zones.client,
    isDetecting: false,
    protocol,
    missing: NO_SERVICE,
  };
}

function chooseRuled(
  policy: Policy,
  facts: ListenedFacts,
  zones: ZonePair,
  trace: Trace,
): ServiceChoice {
  const { protocol } = facts;
  const match = chooseByRule(policy, facts, zones, trace);
  const clientZone = zones.client;
  if (match === undefined) {
    const nothing = { service: undefined, rule: undefined, isDetecting: false };
    return { ...nothing, clientZone, protocol, missing: NO_RULE };
  }
  const { rule } = match;
  const { detected } = facts;
  const isDetecting = rule.detect.length > 0 && detected === undefined;
  traceDetection(rule, detected, trace);
  // Host names of zones change: another rule may win than the one whose detectors were asked, and it starts only its own.
  const line = rule.detect.find((one) => one.service === detected);
  const service = line === undefined ? rule.service : line.service;
  return { service, rule: match, clientZone, isDetecting, protocol, missing: NOT_DETECTED };
}

/** What the detectors of a rule found, or that they are still to be asked. */
function traceDetection(rule: Rule, detected: ListenedFacts['detected'], trace: Trace): void {
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
  { service, rule, clientZone, protocol, missing }: ServiceChoice,
  trace: Trace,
): Refusal | undefined {
  const check = 'service';
  const startedBy = rule === undefined ? 'listener' : 'rule';
  if (service === undefined) {
    const because = startedBy === 'rule' ? 'the rules name none' : 'no line of the listener fits';
    trace.push({ check, outcome: 'refused', subject: undefined, because });
    return missing;
  }
  const unfit = unfitness(service, protocol);
  if (unfit !== undefined) {
    trace.push({ check, outcome: 'refused', subject: service, because: unfit.because });
    return unfit.refusal;
  }
  const because = startedBy === 'rule' ? 'the rule starts it' : 'the listener starts it';
  trace.push({ check, outcome: 'chosen', subject: service, because });
  const question = { direction: 'outbound', zone: clientZone, service, startedBy } as const;
  const refused = checkAccess(policy, question, trace);
  if (refused === undefined && service.kind === 'service') traceUsers(service, trace);
  return refused;
}

/** Nobody can say beforehand who will be at the client. */
function traceUsers(service: Service, trace: Trace): void {
  if (service.authentication === undefined) return;
  const because =
    service.authorization === undefined
      ? 'its proxy asks the client who it is, before a server is connected'
      : 'its proxy asks the client who it is, and the authorization whether that user may';
  trace.push({ check: 'users', outcome: 'open', subject: service, because });
}

/** Why nothing runs for a service, whoever asks for it. */
interface Unfitness {
  readonly because: string;
  readonly refusal: Refusal;
}

function unfitness(service: AnyService, protocol: number | undefined): Unfitness | undefined {
  if (service.kind === 'deny-service') {
    const message = `Service ${service.name} refuses all connections`;
    return { because: 'it refuses by name', refusal: refusalFor('service.denied', message) };
  }
  if (service.kind === 'pf-service') {
    const because = 'the packet filter forwards it, and no proxy takes its connections';
    const message = `Service ${service.name} is one of the packet filter, which has not taken the connection`;
    return { because, refusal: refusalFor('service.packet-filter', message) };
  }
  return protocol === PROTOCOL_NUMBERS.udp && datagramObstacle(service) !== undefined
    ? NO_DATAGRAMS
    : undefined;
}

const NO_SERVICE = refusalFor('listener.no-service', 'The listener has no service for these zones');
const NO_DATAGRAMS: Unfitness = {
  because: 'it takes connections, and no datagrams',
  refusal: refusalFor(
    'service.no-datagrams',
    'The service takes connections of TCP, and no datagrams of UDP',
  ),
};
const NO_RULE = refusalFor('rule.none', 'No rule matches the connection');
const NOT_DETECTED = refusalFor(
  'detect.none',
  'No detector of the rule recognises the protocol, and the rule has no service for the rest',
);
