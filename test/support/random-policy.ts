// Random policies of everything that a decision can meet: zones with host names, services with each router, NAT, chainer
// and limit, deny services, each listener, rules and their detectors.

import fc from 'fast-check';
import { IpAddress } from '../../src/address/ip-address.ts';
import { Subnet } from '../../src/address/subnet.ts';
import type { Chainer } from '../../src/policy/chainer.ts';
import { connectChainer } from '../../src/policy/chainer.ts';
import { availabilityChainer } from '../../src/policy/chainer-availability.ts';
import {
  failoverChainer,
  multiTargetChainer,
  roundRobinChainer,
} from '../../src/policy/chainer-targets.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import type { HostAddresses } from '../../src/policy/host-zones.ts';
import type { Listener } from '../../src/policy/make-listener.ts';
import type { ZonePairChoice } from '../../src/policy/listener-options.ts';
import { csZoneListener, listener, zoneListener } from '../../src/policy/listener.ts';
import { ruleListener } from '../../src/policy/rule-listener.ts';
import type { Nat } from '../../src/policy/nat.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { withHostAddresses } from '../../src/policy/policy.ts';
import type { DnsResolverOptions } from '../../src/policy/resolver.ts';
import { dnsResolver } from '../../src/policy/resolver.ts';
import type { ForgePort, Router } from '../../src/policy/router.ts';
import { directedRouter, inbandRouter, transparentRouter } from '../../src/policy/router.ts';
import type { Rule } from '../../src/policy/rule.ts';
import type { AnyService, Service } from '../../src/policy/service.ts';
import { denyService, service } from '../../src/policy/service.ts';
import type { Zone } from '../../src/policy/zone.ts';
import { zone } from '../../src/policy/zone.ts';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { addressText, port, seldom, socketText, subnetText } from './random-addresses.ts';
import type { NatSpec } from './random-nat.ts';
import { natOf, natSpec } from './random-nat.ts';
import type { RuleSeed } from './random-rules.ts';
import { rulesOf, ruleSeed, startedNumber } from './random-rules.ts';

/** What a random zone is made of; numbers choose among what there is, and those beyond stand for none or for all. */
interface ZoneSeed {
  readonly subnets: readonly string[];
  readonly hostnames: readonly string[];
  readonly parent: number;
  readonly umbrella: boolean;
  readonly outbound: readonly number[] | null;
  readonly inbound: readonly number[] | null;
}

interface RouterSeed {
  readonly type: 'transparent' | 'directed' | 'inband';
  readonly destinations: readonly string[];
  readonly forcedPort: number | undefined;
  readonly overrideable: boolean;
  readonly forgeAddress: boolean;
  readonly forgePort: ForgePort;
}

interface ServiceSeed {
  readonly router: RouterSeed;
  readonly chainer: (typeof CHAINERS)[number];
  readonly resolver: DnsResolverOptions;
  readonly snat: NatSpec | undefined;
  readonly dnat: NatSpec | undefined;
  readonly limit: readonly number[] | undefined;
  readonly guard: 'off' | readonly number[] | undefined;
  readonly maxInstances: number;
  readonly tellsRefusals: boolean;
  readonly stacks: boolean;
}

/** What a random policy is made of. */
export interface PolicySeed {
  readonly zones: readonly ZoneSeed[];
  readonly services: readonly ServiceSeed[];
  readonly lines: readonly (readonly [from: number, to: number, service: number])[];
  readonly followParent: boolean;
  readonly rules: readonly RuleSeed[];
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

/** A policy, and what a model of it cannot read from it. */
export interface RandomPolicy {
  readonly policy: Policy;
  readonly listeners: readonly Listener[];
  readonly nats: ReadonlyMap<Nat, NatSpec>;
  /** The addresses that host names have now. */
  readonly hosts: HostAddresses;
}

/** Makes the proxy of a service: one that stacks this service, if it is given. */
export type MakeProxy = (
  stacked: Service | undefined,
  options: Partial<Pick<ProxyFactory, 'tellsRefusals' | 'stacks'>>,
) => ProxyFactory;

const number = fc.nat(9);
const HOSTS = ['one.example', 'two.example', 'three.example'];
const ALL = [9]; // no service has this number, and no zone
const ofLine = fc.oneof(number, fc.constantFrom(...ALL));
const list = fc.oneof(
  { weight: 6, arbitrary: fc.constant(ALL) },
  { weight: 2, arbitrary: fc.constant(null) },
  fc.array(number, { maxLength: 4 }),
);
const zoneSeed: fc.Arbitrary<ZoneSeed> = fc.record({
  subnets: fc.array(subnetText, { maxLength: 3 }),
  hostnames: fc.uniqueArray(fc.constantFrom(...HOSTS), { maxLength: 1 }),
  parent: number,
  umbrella: fc.boolean(),
  outbound: list,
  inbound: list,
});
/** Mostly a zone of everything: where clients and servers are in no zone, little can happen. */
const wideZone = fc
  .tuple(zoneSeed, fc.constantFrom(['0.0.0.0/0', '::/0'], ['10.0.0.0/8', '2001:db8::/32'], []))
  .map(([seed, subnets]): ZoneSeed => ({ ...seed, subnets: [...subnets, ...seed.subnets] }));
const forgePort: fc.Arbitrary<ForgePort> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('any' as const) },
  fc.constantFrom('exact' as const, 'group' as const, 'random' as const, 2),
);
const routerSeed: fc.Arbitrary<RouterSeed> = fc.record({
  type: fc.constantFrom('transparent', 'directed', 'inband'),
  destinations: fc.array(socketText, { minLength: 1, maxLength: 3 }),
  forcedPort: seldom(port),
  overrideable: fc.boolean(),
  forgeAddress: fc.boolean(),
  forgePort,
});
const CHAINERS = ['connect', 'multi-target', 'failover', 'round-robin', 'availability'] as const;
const nat = seldom(natSpec);
const serviceSeed: fc.Arbitrary<ServiceSeed> = fc.record({
  router: routerSeed,
  chainer: fc.constantFrom(...CHAINERS),
  resolver: fc.record({
    multi: fc.boolean(),
    family: fc.constantFrom('any' as const, 'any' as const, 'ipv4' as const, 'ipv6' as const),
  }),
  snat: nat,
  dnat: nat,
  limit: seldom(fc.array(number, { minLength: 2, maxLength: 4 })),
  guard: seldom(
    fc.oneof(fc.constant('off' as const), fc.array(number, { minLength: 1, maxLength: 4 })),
  ),
  maxInstances: fc.constantFrom(0, 1),
  tellsRefusals: fc.boolean(),
  stacks: fc.boolean(),
});

/** A random policy. */
export const policySeed: fc.Arbitrary<PolicySeed> = fc.record({
  zones: fc
    .tuple(wideZone, fc.array(zoneSeed, { maxLength: 6 }))
    .map(([wide, others]) => [wide, ...others]),
  services: fc.array(serviceSeed, { minLength: 3, maxLength: 3 }),
  lines: fc.array(fc.tuple(ofLine, ofLine, startedNumber), { minLength: 1, maxLength: 6 }),
  followParent: fc.boolean(),
  rules: fc.array(ruleSeed, { minLength: 1, maxLength: 6 }),
  hosts: fc.dictionary(fc.constantFrom(...HOSTS), fc.array(addressText, { maxLength: 3 })),
});

/** Where the listeners listen: among the addresses that clients and policies name, so that loops are met. */
export const LISTENERS = {
  plain: '10.1.1.1:1',
  zone: '10.1.1.1:2',
  'cs-zone': '10.1.1.1:3',
  rule: ['10.1.1.1:4', '[::]:4'],
  wide: '0.0.0.0:5',
} as const;

/** Makes the policy of a seed; `makeProxy` says what its services do. */
export function randomPolicy(seed: PolicySeed, makeProxy: MakeProxy): RandomPolicy {
  const nats = new Map<Nat, NatSpec>();
  const zones: Zone[] = [];
  const services: AnyService[] = [];
  for (const [index, one] of seed.services.entries()) {
    const [below] = services;
    const stacked = one.stacks && below?.kind === 'service' ? below : undefined;
    const made = { ...partsOf(one, nats), ...limitsOf(one, zones), ...guardOf(one, zones) };
    const { tellsRefusals } = one;
    const stacks = stacked === undefined ? [] : [stacked];
    // Rules may be for UDP alone, and no service must be a fault there.
    const proxy = { ...makeProxy(stacked, { tellsRefusals, stacks }), takesDatagrams: true };
    services.push(service(`service${index}`, { ...made, proxy }));
  }
  services.push(denyService('drop'), denyService('reset', { reply: 'tcp-reset', logging: false }));
  zones.push(...zonesOf(seed, services));
  const listeners = listenersOf(seed, zones, services);
  const rules: readonly Rule[] = rulesOf(seed.rules, zones, services);
  const defined = definePolicy({ zones, listeners, rules });
  const hosts = new Map(
    Object.entries(seed.hosts).map(([host, all]) => [host, all.map((one) => IpAddress.parse(one))]),
  );
  return { policy: withHostAddresses(defined, hosts), listeners, nats, hosts };
}

function partsOf(
  { router, chainer, resolver, snat, dnat }: ServiceSeed,
  nats: Map<Nat, NatSpec>,
): { router: Router; chainer: Chainer } & Record<string, unknown> {
  const known = (spec: NatSpec): Nat => {
    const made = natOf(spec);
    nats.set(made, spec);
    return made;
  };
  // Servers are checked before there is a client, so that nothing of it may have a part in where they are.
  const hasPorts = router.destinations.every((text) => !text.endsWith(':0'));
  const isWatchable = router.type === 'directed' && hasPorts && dnat === undefined;
  return {
    router: routerOf(router),
    chainer: chainerOf(chainer === 'availability' && !isWatchable ? 'connect' : chainer),
    resolver: dnsResolver(resolver),
    ...(snat === undefined ? {} : { snat: known(snat) }),
    ...(dnat === undefined ? {} : { dnat: known(dnat) }),
  };
}

/** The zones of a limit are asked for when all zones are made. */
function limitsOf(
  { limit, maxInstances }: ServiceSeed,
  zones: readonly Zone[],
): Record<string, unknown> {
  const limits = { maxInstances };
  if (limit === undefined) return { limits };
  const [first] = zones;
  const limitTargetZonesTo = (): readonly Zone[] => [
    ...new Set(limit.flatMap((one) => zones[one % zones.length] ?? first ?? [])),
  ];
  return { limits, limitTargetZonesTo };
}

/** What the destination guard opens: mostly what the lists of zones do. */
function guardOf({ guard }: ServiceSeed, zones: readonly Zone[]): Record<string, unknown> {
  if (guard === undefined) return {};
  if (guard === 'off') return { destinationGuard: 'off' };
  const permit = (): readonly Zone[] => [
    ...new Set(guard.flatMap((one) => zones[one % zones.length] ?? [])),
  ];
  return { destinationGuard: { permit } };
}

function routerOf(seed: RouterSeed): Router {
  const { forgeAddress, forgePort: wanted, overrideable, destinations, forcedPort } = seed;
  const forge = { forgeAddress, forgePort: wanted };
  switch (seed.type) {
    case 'transparent':
      return transparentRouter({
        ...forge,
        overrideable,
        ...(forcedPort === undefined ? {} : { forcedPort }),
      });
    case 'directed':
      return directedRouter({ ...forge, overrideable, destination: destinations });
    case 'inband':
      return inbandRouter(forge);
  }
}

function chainerOf(type: ServiceSeed['chainer']): Chainer {
  switch (type) {
    case 'connect':
      return connectChainer({ timeoutConnectMs: 1_000 });
    case 'multi-target':
      return multiTargetChainer();
    case 'failover':
      return failoverChainer();
    case 'round-robin':
      return roundRobinChainer();
    case 'availability':
      return availabilityChainer();
  }
}

/** The zones. A subnet or a host that an earlier zone has is left out, and a parent that is not made yet. */
function zonesOf(seed: PolicySeed, services: readonly AnyService[]): readonly Zone[] {
  const zones: Zone[] = [];
  const taken = new Set<string>();
  const isFree = (text: string): boolean => {
    const size = taken.size;
    return taken.add(text).size > size;
  };
  for (const [index, one] of seed.zones.entries()) {
    const parent = zones[one.parent];
    const made = zone(`zone${index}`, {
      subnets: one.subnets.filter((text) => isFree(String(Subnet.parse(text)))),
      hostnames: one.hostnames.filter(isFree),
      ...(parent === undefined ? {} : { parent, umbrella: one.umbrella }),
      ...(one.outbound === null ? {} : { outboundServices: pick(services, one.outbound) }),
      ...(one.inbound === null ? {} : { inboundServices: pick(services, one.inbound) }),
    });
    zones.push(made);
  }
  return zones;
}

/** The services with these numbers, each once; a number that none has stands for all. */
function pick(services: readonly AnyService[], numbers: readonly number[]): (AnyService | '*')[] {
  return [...new Set(numbers.map((one) => services[one] ?? ('*' as const)))];
}

function listenersOf(
  { lines, followParent }: PolicySeed,
  zones: readonly Zone[],
  services: readonly AnyService[],
): readonly Listener[] {
  const [first = denyService('none')] = services;
  const pairs = lines.map(([from, to, one]): ZonePairChoice => ({
    from: zones[from] ?? '*',
    to: zones[to] ?? '*',
    service: services[one % services.length] ?? first,
  }));
  const isFirst = (pair: ZonePairChoice, index: number, toCounts: boolean): boolean =>
    index ===
    pairs.findIndex((other) => other.from === pair.from && (!toCounts || other.to === pair.to));
  const singles = pairs.filter((pair, index) => isFirst(pair, index, false));
  const byZone = singles.map(({ from, service: started }) => ({ from, service: started }));
  const byPair = pairs.filter((pair, index) => isFirst(pair, index, true));
  const eth0 = { interface: { name: 'eth0', group: 1 } };
  return [
    listener(LISTENERS.plain, pairs[0]?.service ?? first, { name: 'plain' }),
    zoneListener(LISTENERS.zone, { name: 'zone', services: byZone, followParent }),
    csZoneListener(LISTENERS['cs-zone'], { name: 'cs-zone', services: byPair, followParent }),
    ruleListener(LISTENERS.rule, { name: 'rule', ...eth0 }),
    ruleListener(LISTENERS.wide, { name: 'wide' }),
  ];
}
