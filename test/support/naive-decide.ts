// An independent model of decide(): the rules of the reference as plainly as they can be said, without index or trace.

import type { Policy } from '../../src/policy/policy.ts';
import type { ConnectionFacts } from '../../src/policy/decision.ts';
import type { Listener } from '../../src/policy/listener.ts';
import type { AnyService, Service } from '../../src/policy/service.ts';
import type { Zone } from '../../src/policy/zone.ts';
import type { SocketAddress } from '../../src/address/socket-address.ts';

/** The reason code of the refusal, or `permitted`, and the service. */
export interface NaiveDecision {
  readonly reason: string;
  readonly service: string | undefined;
}

/** Decides a connection to its original destination. Lists must be given as lists, and addresses be of no listener. */
export function naiveDecide(policy: Policy, facts: ConnectionFacts): NaiveDecision {
  const { listener, client, local } = facts;
  if (listener === undefined) throw new Error('The model knows no connection without listener');
  const clientZone = zoneOf(policy, client);
  const service = serviceOf(listener, clientZone, zoneOf(policy, local));
  const reason = service === undefined ? 'listener.no-service' : reasonOf(policy, facts, service);
  return { reason, service: service?.name };
}

function reasonOf(policy: Policy, facts: ConnectionFacts, service: AnyService): string {
  if (service.kind === 'deny-service') return 'service.denied';
  const clientZone = zoneOf(policy, facts.client);
  if (clientZone === undefined) return 'zone.client-unknown';
  if (!permits(clientZone, 'outboundServices', service)) return 'access.outbound';
  if (facts.connect === undefined) return 'permitted';
  return serverReason(service, zoneOf(policy, facts.local));
}

function serverReason(service: Service, zone: Zone | undefined): string {
  if (zone === undefined) return 'zone.server-unknown';
  const lazy = service.limitTargetZonesTo;
  const limit = typeof lazy === 'function' ? lazy() : lazy;
  if (limit !== undefined && !familyOf(zone).some((one) => limit.includes(one)))
    return 'access.target-zones';
  return permits(zone, 'inboundServices', service) ? 'permitted' : 'access.inbound';
}

function zoneOf(policy: Policy, { address }: SocketAddress): Zone | undefined {
  const candidates = policy.zones.flatMap((zone) =>
    zone.subnets
      .filter((subnet) => subnet.contains(address))
      .map((subnet) => ({ zone, length: subnet.prefixLength })),
  );
  return candidates.sort((one, other) => other.length - one.length)[0]?.zone;
}

function familyOf(zone: Zone): readonly Zone[] {
  return zone.parent === undefined ? [zone] : [zone, ...familyOf(zone.parent)];
}

function permits(
  zone: Zone,
  list: 'outboundServices' | 'inboundServices',
  service: Service,
): boolean {
  const declared = zone[list] as readonly unknown[] | undefined;
  if (declared !== undefined) return declared.includes('*') || declared.includes(service);
  return zone.parent !== undefined && !zone.isUmbrella && permits(zone.parent, list, service);
}

function serviceOf(listener: Listener, client?: Zone, server?: Zone): AnyService | undefined {
  const weigh = (key: Zone | '*', zone: Zone | undefined): number => {
    const all = zone === undefined ? [] : familyOf(zone);
    const family = listener.followParent ? all : all.slice(0, 1);
    if (key === '*') return Math.max(1, family.length);
    return family.includes(key) ? family.indexOf(key) : Infinity;
  };
  const weighed = listener.choices.map((line) => ({
    line,
    weight: [weigh(line.from, client), listener.type === 'cs-zone' ? weigh(line.to, server) : 0],
  }));
  const [best] = weighed
    .filter(({ weight }) => weight.every(Number.isFinite))
    .sort((one, other) => compare(one.weight, other.weight));
  return best?.line.service;
}

function compare([a = 0, b = 0]: readonly number[], [c = 0, d = 0]: readonly number[]): number {
  return a - c || b - d;
}
