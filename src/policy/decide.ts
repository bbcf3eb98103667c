// decide: what happens to a connection, and why. The dispatcher, `zorp explain` and the tests of a policy all call this
// one pure function.

import { SocketAddress } from '../address/socket-address.ts';
import type { Refusal } from '../proxy/engine.ts';
import { checkAccess } from './access.ts';
import { chooseByRule } from './choose-by-rule.ts';
import type { ZonePair } from './choose-service.ts';
import { chooseService } from './choose-service.ts';
import { decideServer } from './decide-server.ts';
import type { ConnectionFacts, Decision } from './decision.ts';
import { refusalFor } from './decision.ts';
import type { Listener } from './listener.ts';
import { listensOn } from './own-address.ts';
import type { Policy } from './policy.ts';
import type { RuleMatch } from './rule-index.ts';
import { route } from './router.ts';
import type { Rule } from './rule.ts';
import type { AnyService } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';
import type { ZoneQuestion } from './zone-step.ts';
import { matchZone } from './zone-step.ts';

export type { ConnectionFacts, Decision, Detecting, Permitted, Refused } from './decision.ts';

/** Decides a connection by what is known of it. Pure: the same facts under the same policy decide alike. */
export function decide(policy: Policy, given: ConnectionFacts): Decision {
  const facts = unmapped(given);
  const trace: TraceStep[] = [];
  const accepted = decideAccept(policy, facts, trace);
  if (accepted.outcome !== 'permitted') return accepted;
  if (facts.connect !== undefined) return decideServer(policy, facts, accepted, trace);
  const because = accepted.route.isInband
    ? 'the protocol may name it; decided when the proxy connects'
    : 'decided when the proxy connects';
  trace.push({ check: 'server', outcome: 'open', subject: accepted.service.router, because });
  return accepted;
}

/** The client side: which service the connection gets, and whether the client may use it. */
function decideAccept(policy: Policy, facts: ConnectionFacts, trace: TraceStep[]): Decision {
  const server = undefined; // not decided yet
  const serverZone = undefined;
  const listener = findListener(policy, facts, trace);
  if (listener === undefined) {
    const nothing = { listener, rule: undefined, clientZone: undefined, service: undefined };
    return { outcome: 'refused', ...nothing, server, serverZone, trace, refusal: NO_LISTENER };
  }
  const zones = matchZones(policy, facts, listener, trace);
  const { service, rule, isDetecting, missing } = choose(
    policy,
    { ...facts, listener },
    zones,
    trace,
  );
  const clientZone = zones.client;
  const known = { listener, rule, clientZone, server, serverZone, trace };
  if (rule !== undefined && isDetecting) return { outcome: 'detecting', ...known, rule, service };
  const refusal = checkService(policy, { service, rule, clientZone, missing }, trace);
  if (service?.kind !== 'service' || refusal !== undefined)
    return { outcome: 'refused', ...known, service, refusal: refusal ?? missing };
  const because = 'the service has it';
  trace.push({ check: 'router', outcome: 'chosen', subject: service.router, because });
  const chosen = route(service.router, facts.client, facts.local);
  return { outcome: 'permitted', ...known, service, route: chosen };
}

function findListener(
  policy: Policy,
  facts: ConnectionFacts,
  trace: TraceStep[],
): Listener | undefined {
  const check = 'listener';
  if (facts.listener !== undefined) {
    const because = 'it accepted the connection';
    trace.push({ check, outcome: 'chosen', subject: facts.listener, because });
    return facts.listener;
  }
  const value = facts.local;
  for (const subject of policy.instances.get(facts.instance) ?? []) {
    if (listensOn(subject, value, value)) {
      trace.push({ check, outcome: 'chosen', subject, because: 'it listens there', value });
      return subject;
    }
    trace.push({ check, outcome: 'skipped', subject, because: 'it listens elsewhere', value });
  }
  return undefined;
}

/** The zones that the choice of a service asks for. */
function matchZones(
  policy: Policy,
  { client, local }: ConnectionFacts,
  { type }: Listener,
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
interface Choice {
  readonly service: AnyService | undefined;
  readonly rule: RuleMatch | undefined;
  readonly isDetecting: boolean;
  /** Why there is no service, if there is none. */
  readonly missing: Refusal;
}

function choose(
  policy: Policy,
  facts: ConnectionFacts & { readonly listener: Listener },
  zones: ZonePair,
  trace: TraceStep[],
): Choice {
  const { listener, detected } = facts;
  if (listener.type !== 'rule') {
    const service = chooseService(listener, zones, trace);
    return { service, rule: undefined, isDetecting: false, missing: NO_SERVICE };
  }
  const match = chooseByRule(policy, facts, zones, trace);
  if (match === undefined)
    return { service: undefined, rule: undefined, isDetecting: false, missing: NO_RULE };
  const { rule } = match;
  const isDetecting = rule.detect.length > 0 && detected === undefined;
  traceDetection(rule, detected, trace);
  const isNamed = rule.detect.length > 0 && detected !== undefined && detected !== 'none';
  const service = isNamed ? detected : rule.service;
  return { service, rule: match, isDetecting, missing: NOT_DETECTED };
}

/** What the detectors of a rule found, or that they are still to be asked. */
function traceDetection(
  rule: Rule,
  detected: ConnectionFacts['detected'],
  trace: TraceStep[],
): void {
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

interface ChosenService {
  readonly service: AnyService | undefined;
  readonly rule: RuleMatch | undefined;
  readonly clientZone: Zone | undefined;
  readonly missing: Refusal;
}

function checkService(
  policy: Policy,
  { service, rule, clientZone, missing }: ChosenService,
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
  const because = startedBy === 'rule' ? 'the rule starts it' : 'the listener starts it';
  trace.push({ check, outcome: 'chosen', subject: service, because });
  const question = { direction: 'outbound', zone: clientZone, service, startedBy } as const;
  return checkAccess(policy, question, trace);
}

/**
 * The same facts, with every IPv4-mapped IPv6 address as the IPv4 address that a connection would reach. Otherwise
 * ::ffff:10.0.0.1 would be of whatever zone has ::/0, which is a way around the zone of 10.0.0.1.
 */
function unmapped(facts: ConnectionFacts): ConnectionFacts {
  const { client, local, connect } = facts;
  const isMapped =
    client.address.isIpv4Mapped ||
    local.address.isIpv4Mapped ||
    connect?.target?.address.isIpv4Mapped === true;
  if (!isMapped) return facts;
  const target = connect?.target === undefined ? undefined : plain(connect.target);
  return {
    ...facts,
    client: plain(client),
    local: plain(local),
    connect: connect === undefined ? undefined : { ...connect, target },
  };
}

function plain({ address, port }: SocketAddress): SocketAddress {
  return SocketAddress.of(address.unmapped(), port);
}

const NO_LISTENER = refusalFor('listener.none', 'No listener of this instance listens there');
const NO_SERVICE = refusalFor('listener.no-service', 'The listener has no service for these zones');
const NO_RULE = refusalFor('rule.none', 'No rule matches the connection');
const NOT_DETECTED = refusalFor(
  'detect.none',
  'No detector of the rule recognises the protocol, and the rule has no service for the rest',
);
