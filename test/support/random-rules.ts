// Random rules over the zones and services of a random policy.

import fc from 'fast-check';
import type { RuleOptions } from '../../src/policy/rule.ts';
import type { Rule } from '../../src/policy/rule.ts';
import { rule } from '../../src/policy/rule.ts';
import type { AnyService, DenyService, Service } from '../../src/policy/service.ts';
import type { Zone } from '../../src/policy/zone.ts';
import { httpDetector } from '../../src/protocols/http/http-detector.ts';
import { sshDetector } from '../../src/protocols/ssh/ssh-detector.ts';
import { port, subnetText } from './random-addresses.ts';

type Conditions = Omit<RuleOptions, 'service' | 'detect' | 'from' | 'to'>;

/** What a rule is made of; numbers choose among the zones and services that there are. */
export interface RuleSeed {
  readonly hasId: boolean;
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly conditions: Conditions;
  readonly service: number | undefined;
  readonly detect: readonly {
    readonly detector: 'http' | 'ssh';
    readonly service: number;
  }[];
}

/** None in most cases: a rule with all conditions matches next to nothing. */
function some<Value>(value: fc.Arbitrary<Value>, more = 1): fc.Arbitrary<readonly Value[]> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant([]) },
    { weight: more, arbitrary: fc.array(value, { minLength: 1, maxLength: 2 }) },
  );
}

const number = fc.nat(9);

/** A service that is started: seldom one of the two that refuse. */
export const startedNumber: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4);
const portOrRange = fc.oneof(port, fc.constantFrom('1-2', '2-4', '1-65535'));
const conditions: fc.Arbitrary<Conditions> = fc.record({
  sourceSubnets: some(subnetText, 2),
  destinationSubnets: some(subnetText, 2),
  sourcePorts: some(portOrRange),
  ports: some(portOrRange, 2),
  protocols: fc.constantFrom([], [], [], ['tcp' as const], [6, 17], ['udp' as const]),
  interfaces: some(fc.constantFrom('eth0', 'eth1')),
  interfaceGroups: some(fc.nat(2)),
  destinationInterfaces: some(fc.constantFrom('eth0', 'eth1')),
  destinationInterfaceGroups: some(fc.nat(2)),
  requestIds: fc.constantFrom([], [], [], [], [], [], [], [1]),
});

/** A random rule. */
export const ruleSeed: fc.Arbitrary<RuleSeed> = fc.record({
  hasId: fc.boolean(),
  from: some(number),
  to: some(number),
  conditions,
  service: fc.option(startedNumber, { nil: undefined }),
  detect: fc.oneof(
    fc.constant([]),
    fc.array(
      fc.record({
        detector: fc.constantFrom('http' as const, 'ssh' as const),
        service: startedNumber,
      }),
      { minLength: 1, maxLength: 3 },
    ),
  ),
});

/** The rules of seeds. */
export function rulesOf(
  seeds: readonly RuleSeed[],
  zones: readonly Zone[],
  services: readonly AnyService[],
): readonly Rule[] {
  const serviceOf = (index: number): readonly AnyService[] =>
    services.slice(index % services.length).slice(0, 1);
  const zonesOf = (numbers: readonly number[]): readonly Zone[] =>
    numbers.flatMap((one) => zones[one % zones.length] ?? []);
  return seeds.map(({ hasId, from, to, conditions: given, service, detect }, index) => {
    const lines = detect.flatMap((line) =>
      serviceOf(line.service)
        .filter(isDetectable)
        .map((found) => ({
          detector: line.detector === 'http' ? httpDetector() : sshDetector(),
          service: found,
        })),
    );
    const [fallback] = serviceOf(service ?? index);
    const isNeeded = service !== undefined || lines.length === 0;
    return rule({
      ...given,
      from: zonesOf(from),
      to: zonesOf(to),
      detect: lines,
      ...(hasId ? { id: 2 * (seeds.length - index) } : {}),
      ...(isNeeded && fallback !== undefined ? { service: fallback } : {}),
    });
  });
}

function isDetectable(service: AnyService): service is Service | DenyService {
  return service.kind !== 'pf-service';
}
