// What `zorp explain` answers: how a connection gets to its listener, and what is decided about it.

import type { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { ConnectionFacts, Decision, Refused } from '../policy/decide.ts';
import { decide } from '../policy/decide.ts';
import type { Forwarded } from '../policy/decide-forward.ts';
import { decideForward } from '../policy/decide-forward.ts';
import type { ListenedFacts } from '../policy/decision.ts';
import { PROTOCOL_NUMBERS } from '../policy/ip-protocol.ts';
import type { Listener } from '../policy/make-listener.ts';
import type { IncomingInterface } from '../policy/packet.ts';
import { someAddress } from '../policy/own-interfaces.ts';
import type { Policy } from '../policy/policy.ts';
import { chosenAddresses, fittingAddresses, lookUpInTable } from '../policy/resolver.ts';
import type { AnyService, Service } from '../policy/service.ts';
import { wrongUse } from './command.ts';
import type { Destination } from './question.ts';

/** A question that is complete: who comes from where, to which listener, with everything else that rules may ask for. */
export interface Question {
  readonly instance: string;
  readonly listener: Listener;
  readonly client: SocketAddress;
  readonly to: Destination;
  /** The IP protocol by its number. Default: TCP. */
  readonly protocol?: number | undefined;
  readonly icmp?: ConnectionFacts['icmp'];
  /** Default: what the listener says. */
  readonly incoming?: IncomingInterface | undefined;
  readonly requestId?: number | undefined;
  /** The interfaces of the machine. Default: none are known. */
  readonly interfaces?: InterfaceTable | undefined;
  /** The service that the detectors found, by its name, or `none`; undefined: they have not been asked. */
  readonly detected?: string | undefined;
}

/** What was assumed, and what follows of it. */
export interface Answer {
  readonly facts: ConnectionFacts;
  /** For a service of the packet filter, what that does with the packet. */
  readonly decision: Decision | Forwarded;
}

/**
 * Where the protocol may name the server, the client connects to the listener and asks for `to` there, which the resolver
 * of the service finds. Otherwise `to` is the address that the client connects to, which reaches the listener by a
 * redirection or is its own; if the service that it gets there lets the protocol name the server, the client asks for the
 * same.
 */
export function answer(policy: Policy, question: Question): Answer {
  const { instance, listener, client, to, protocol, icmp, incoming, requestId } = question;
  const { interfaces } = question;
  const known = { instance, listener, client, protocol, icmp, incoming, requestId, interfaces };
  const bind = addressOf(listener, interfaces) ?? to.address;
  const isTcp = protocol === undefined || protocol === PROTOCOL_NUMBERS.tcp;
  const there = isTcp ? begin(policy, { ...known, local: bind }, question.detected) : undefined;
  if (there !== undefined && there.problem === undefined && mayNameServer(there.decision))
    return answerNamed(policy, there, to);
  const direct = begin(policy, { ...known, local: to.address }, question.detected);
  if (direct.problem !== undefined) throw wrongUse(direct.problem);
  const isOpen = direct.decision.outcome === 'detecting';
  if (!isOpen && mayNameServer(direct.decision)) return answerNamed(policy, direct, to);
  return answerDirect(policy, { ...direct.facts, listener });
}

/** The answer where the router names the server. */
function answerDirect(policy: Policy, known: ListenedFacts): Answer {
  const forwarded = decideForward(policy, known);
  if (forwarded !== undefined) return { facts: known, decision: forwarded };
  const facts = { ...known, connect: {} };
  return { facts, decision: decide(policy, facts) };
}

/** Where clients connect to a listener; nobody connects to a transparent one itself. */
function addressOf(
  listener: Listener,
  interfaces: ConnectionFacts['interfaces'],
): SocketAddress | undefined {
  return listener.transparent ? undefined : someAddress(listener, interfaces);
}

/** A connection as far as its service. */
interface Beginning {
  readonly facts: ConnectionFacts;
  readonly decision: Decision;
  /** Why what the detectors are said to have found cannot be. */
  readonly problem: string | undefined;
}

/** Decides without a server, and again with what the detectors found where they are asked. */
function begin(policy: Policy, facts: ConnectionFacts, found: string | undefined): Beginning {
  const decision = decide(policy, facts);
  if (found === undefined) return { facts, decision, problem: undefined };
  if (decision.outcome !== 'detecting') {
    const problem = `--detected ${found} is for rules that detect, and here none does: leave it out`;
    return { facts, decision, problem };
  }
  const { rule, id } = decision.rule;
  const services = rule.detect.map(({ service }) => service);
  const detected = detectedOf(services, found);
  if (detected === undefined) {
    const names = [...new Set(services.map(({ name }) => name)), 'none'].join(', ');
    const problem = `--detected ${found} is no service that rule ${id} can detect: give one of ${names}`;
    return { facts, decision, problem };
  }
  const all: ConnectionFacts = { ...facts, detected };
  return { facts: all, decision: decide(policy, all), problem: undefined };
}

function detectedOf(services: readonly AnyService[], found: string): ConnectionFacts['detected'] {
  return found === 'none' ? 'none' : services.find(({ name }) => name === found);
}

/** Whether the protocol of the service, or of one that the first bytes may name, may name the server. */
function mayNameServer({ outcome, ...decision }: Decision): boolean {
  const lines = outcome === 'detecting' ? (decision.rule?.rule.detect ?? []) : [];
  const services = [decision.service, ...lines.map(({ service }) => service)];
  return services.some((one) => one?.kind === 'service' && one.router.isOverrideable);
}

/** The answer where the protocol names the server; what is still to be detected has no resolver yet. */
function answerNamed(
  policy: Policy,
  { facts: known, decision: begun }: Beginning,
  to: Destination,
): Answer {
  const { service } = begun;
  if (begun.outcome === 'detecting' || service?.kind !== 'service')
    return { facts: { ...known, connect: { target: to.address } }, decision: begun };
  const [target] = resolvedBy(service, to);
  const connect = { target: target ?? to.address, answer: answerOf(service, to) };
  const facts = { ...known, connect };
  const decision = target === undefined ? unresolved(begun) : decide(policy, facts);
  return { facts, decision };
}

/** All addresses that count for a service, also those that it would not try. */
export function answerOf({ resolver }: Service, to: Destination): readonly IpAddress[] {
  const found = to.resolved?.map((text) => IpAddress.parse(text)) ?? [to.address.address];
  return resolver.type === 'hash'
    ? lookUpInTable(resolver, to.host)
    : fittingAddresses(resolver, found);
}

/** The addresses that a service would try, the first one first; none if its resolver finds none. */
export function resolvedBy(service: Service, to: Destination): readonly SocketAddress[] {
  const { resolver } = service;
  const answer = answerOf(service, to);
  const addresses = resolver.type === 'hash' ? answer : chosenAddresses(resolver, answer);
  return addresses.map((address) => SocketAddress.of(address, to.address.port));
}

/** A connection that is accepted, and then fails because the name of its server has no address that counts. */
function unresolved(accepted: Decision): Decision {
  if (accepted.outcome !== 'permitted') return accepted;
  const { service, listener, rule, clientZone } = accepted;
  const known = { service, listener, rule, clientZone, server: undefined, serverZone: undefined };
  const because = 'the resolver of the service finds no address of it';
  const step = { check: 'server', outcome: 'refused', subject: service.resolver, because } as const;
  const trace = [...accepted.trace.filter(({ check }) => check !== 'server'), step];
  return { outcome: 'refused', ...known, trace, refusal: NO_ADDRESS };
}

/** What a session says of it, word for word. */
const NO_ADDRESS: Refused['refusal'] = {
  reason: 'resolve.unknown',
  verdict: 'denied-by-connection-fail',
  message: 'The name of the server has no address',
};
