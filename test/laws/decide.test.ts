// decide() against an independent model, on random policies.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Subnet } from '../../src/address/subnet.ts';
import type { ConnectionFacts } from '../../src/policy/decide.ts';
import { decide } from '../../src/policy/decide.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { explainDecision } from '../../src/policy/explain.ts';
import type { Listener, ZonePairChoice } from '../../src/policy/listener.ts';
import { csZoneListener, listener, zoneListener } from '../../src/policy/listener.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { AnyService } from '../../src/policy/service.ts';
import { denyService, service } from '../../src/policy/service.ts';
import type { Check } from '../../src/policy/trace.ts';
import type { Zone } from '../../src/policy/zone.ts';
import { zone } from '../../src/policy/zone.ts';
import { naiveDecide } from '../support/naive-decide.ts';
import { at, idleProxy } from '../support/policy-samples.ts';

/** What a random zone is made of; numbers choose among what was made before. */
interface ZoneSeed {
  readonly subnets: readonly string[];
  readonly parent: number;
  readonly umbrella: boolean;
  readonly outbound: readonly number[] | null;
  readonly inbound: readonly number[] | null;
}

interface PolicySeed {
  readonly zones: readonly ZoneSeed[];
  readonly limits: readonly (readonly number[])[];
  readonly lines: readonly (readonly [from: number, to: number, service: number])[];
  readonly followParent: boolean;
}

const number = fc.nat(9);
/** Addresses of two bits a byte, so that random subnets nest and random addresses meet them. */
const ipv4 = fc.tuple(fc.nat(1), fc.nat(1), fc.nat(3)).map(([a, b, c]) => `10.${a}.${b}.${c}`);
const ipv6 = fc.tuple(fc.nat(1), fc.nat(3)).map(([a, b]) => `2001:db8:${a}::${b}`);
const subnet = fc.oneof(
  fc.tuple(ipv4, fc.constantFrom(0, 8, 15, 16, 24, 31, 32)).map((parts) => parts.join('/')),
  fc.tuple(ipv6, fc.constantFrom(0, 32, 48, 127, 128)).map((parts) => parts.join('/')),
);
const list = fc.option(fc.array(number, { maxLength: 4 }));
const policySeed: fc.Arbitrary<PolicySeed> = fc.record({
  zones: fc.array(
    fc.record({
      subnets: fc.array(subnet, { maxLength: 3 }),
      parent: number,
      umbrella: fc.boolean(),
      outbound: list,
      inbound: list,
    }),
    { minLength: 1, maxLength: 7 },
  ),
  limits: fc.array(fc.array(number, { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  lines: fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 6 }),
  followParent: fc.boolean(),
});
const address = fc.oneof(
  fc.tuple(ipv4, fc.nat(3)).map(([ip, port]) => at(`${ip}:${port + 1}`)),
  fc.tuple(ipv6, fc.nat(3)).map(([ip, port]) => at(`[${ip}]:${port + 1}`)),
);

const proxy = idleProxy();
const RUNS = 300;

/** The zones of a seed. A subnet that an earlier zone has is left out, and a parent that is not made yet. */
function zonesOf(seed: PolicySeed, services: readonly AnyService[]): readonly Zone[] {
  const zones: Zone[] = [];
  const taken = new Set<string>();
  const isFree = (text: string): boolean => {
    const size = taken.size;
    return taken.add(String(Subnet.parse(text))).size > size;
  };
  for (const [index, one] of seed.zones.entries()) {
    const parent = zones[one.parent];
    const made = zone(`zone${index}`, {
      subnets: one.subnets.filter(isFree),
      ...(parent === undefined ? {} : { parent, umbrella: one.umbrella }),
      ...(one.outbound === null ? {} : { outboundServices: pick(services, one.outbound, '*') }),
      ...(one.inbound === null ? {} : { inboundServices: pick(services, one.inbound, '*') }),
    });
    zones.push(made);
  }
  return zones;
}

/** The members with these numbers, each once; a number that none has is the default. */
function pick<Member, Default>(
  members: readonly Member[],
  numbers: readonly number[],
  absent: Default,
): (Member | Default)[] {
  return [...new Set(numbers.map((one) => members[one] ?? absent))];
}

/** A policy of a seed, with three listeners, one of each type. */
function policyOf(seed: PolicySeed): Policy {
  const services = seed.limits.map((limit, index): AnyService => {
    const isLimited = limit.some((one) => one < seed.zones.length);
    const limitTargetZonesTo = (): readonly Zone[] =>
      pick(zones, limit, undefined).filter((one) => one !== undefined);
    return service(`service${index}`, { proxy, ...(isLimited ? { limitTargetZonesTo } : {}) });
  });
  services.push(denyService('no'));
  const zones = zonesOf(seed, services);
  return definePolicy({ zones, listeners: listenersOf(seed, zones, services) });
}

function listenersOf(
  { lines, followParent }: PolicySeed,
  zones: readonly Zone[],
  services: readonly AnyService[],
): readonly Listener[] {
  const [first = denyService('none')] = services;
  const seen = new Set<string>();
  const pairs = lines.flatMap(([fromSeed, toSeed, one]): ZonePairChoice[] => {
    const from = zones[fromSeed] ?? '*';
    const to = zones[toSeed] ?? '*';
    const key = `${nameOf(from)} ${nameOf(to)}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ from, to, service: services[one % services.length] ?? first }];
  });
  const singles = pairs.filter(
    (pair, index) => pairs.findIndex((other) => other.from === pair.from) === index,
  );
  const byZone = singles.map(({ from, service: started }) => ({ from, service: started }));
  return [
    listener('127.0.0.1:1', first),
    zoneListener('127.0.0.1:2', { services: byZone, followParent }),
    csZoneListener('127.0.0.1:3', { services: pairs, followParent }),
  ];
}

function nameOf(side: Zone | '*'): string {
  return side === '*' ? side : side.name;
}

describe('decide()', () => {
  it('decides every connection as the model does, and says so in its trace', () => {
    const reasons = new Set<string>();
    const property = fc.property(policySeed, address, address, fc.boolean(), (...parts) => {
      const [seed, client, local, isConnect] = parts;
      const policy = policyOf(seed);
      for (const made of policy.instances.get('zorp') ?? []) {
        const facts: ConnectionFacts = {
          ...{ instance: 'zorp', listener: made, client, local },
          connect: isConnect ? {} : undefined,
        };
        const explained = explainDecision(decide(policy, facts));
        const { reason, service: started, outcome, steps } = explained;
        assert.deepEqual({ reason, service: started ?? undefined }, naiveDecide(policy, facts));
        reasons.add(reason);
        // The trace tells the outcome: exactly the refused connections have a refused check of an object or a zone.
        const isRefused = steps.some((step) => step.outcome === 'refused' && isFinal(step.check));
        assert.equal(isRefused, outcome === 'refused');
      }
    });
    fc.assert(property, { numRuns: RUNS });
    // The random policies must reach every branch of the model, or the comparison would say little.
    assert.deepEqual([...reasons].sort(), EVERY_REASON);
  });
});

/** A destination in no zone refuses nothing by itself: it only leaves the lines for '*'. */
function isFinal(check: Check): boolean {
  return check !== 'destination-zone';
}

const EVERY_REASON = [
  'access.inbound',
  'access.outbound',
  'access.target-zones',
  'listener.no-service',
  'permitted',
  'service.denied',
  'zone.client-unknown',
  'zone.server-unknown',
];
