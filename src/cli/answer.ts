// What `zorp explain` answers: how a connection gets to its listener, and what is decided about it.

import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { ConnectionFacts, Decision, Refused } from '../policy/decide.ts';
import { decide } from '../policy/decide.ts';
import type { Listener } from '../policy/listener.ts';
import type { Policy } from '../policy/policy.ts';
import { chosenAddresses, lookUpInTable } from '../policy/resolver.ts';
import type { Service } from '../policy/service.ts';
import type { Destination } from './question.ts';

/** A question that is complete: who comes from where, to which listener. */
export interface Question {
  readonly instance: string;
  readonly listener: Listener;
  readonly client: SocketAddress;
  readonly to: Destination;
}

/** What was assumed, and what follows of it. */
export interface Answer {
  readonly facts: ConnectionFacts;
  readonly decision: Decision;
}

/**
 * Where the protocol may name the server, the client connects to the listener and asks for `to` there, which the resolver
 * of the service finds. Otherwise `to` is the address that the client connects to, which reaches the listener by a
 * redirection or is its own; if the service that it gets there lets the protocol name the server, the client asks for the
 * same.
 */
export function answer(policy: Policy, { instance, listener, client, to }: Question): Answer {
  const [bind = to.address] = listener.binds;
  const known = { instance, listener, client };
  const named = answerNamed(policy, { ...known, local: bind }, to);
  if (named !== undefined) return named;
  const direct = { ...known, local: to.address };
  const facts = { ...direct, connect: {} };
  return answerNamed(policy, direct, to) ?? { facts, decision: decide(policy, facts) };
}

/** The answer if the protocol names the server; undefined if it may not. */
function answerNamed(policy: Policy, known: ConnectionFacts, to: Destination): Answer | undefined {
  const accepted = decide(policy, known);
  const { service } = accepted;
  if (service?.kind !== 'service' || !service.router.isOverrideable) return undefined;
  const target = resolved(service, to);
  const facts = { ...known, connect: { target: target ?? to.address } };
  const decision = target === undefined ? unresolved(accepted) : decide(policy, facts);
  return { facts, decision };
}

/** The address that a service would try first; undefined if its resolver finds none. */
function resolved({ resolver }: Service, to: Destination): SocketAddress | undefined {
  const found = to.resolved?.map((text) => IpAddress.parse(text)) ?? [to.address.address];
  const [first] =
    resolver.type === 'hash' ? lookUpInTable(resolver, to.host) : chosenAddresses(resolver, found);
  return first === undefined ? undefined : SocketAddress.of(first, to.address.port);
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
