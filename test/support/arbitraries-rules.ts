// Random rules and packets over few values, so that rules match often, overlap, and tie.

import fc from 'fast-check';
import { IpAddress } from '../../src/address/ip-address.ts';
import { SubnetTree } from '../../src/address/subnet-tree.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { NumberedRule } from '../../src/policy/number-rules.ts';
import type { IncomingInterface, Packet } from '../../src/policy/packet.ts';
import type { RuleOptions } from '../../src/policy/rule.ts';
import type { Zone } from '../../src/policy/zone.ts';
import { ruleOf, zoneOf } from './rule-samples.ts';

const root = zoneOf('root');
const left = zoneOf('left', root, ['10.0.0.0/24']);
const leaf = zoneOf('leaf', left, ['10.0.0.2/31', '10.0.1.3']);
const right = zoneOf('right', root, ['10.0.1.0/31', '2001:db8::2/127']);
const other = zoneOf('other', undefined, ['10.0.1.2', '2001:db8::/64']);

/** The zones of random rules. */
export const ZONES_OF_RULES = [root, left, leaf, right, other];
const zones = ZONES_OF_RULES;

const ipv4 = fc.tuple(fc.nat(1), fc.nat(3)).map(([a, b]) => `10.0.${a}.${b}`);
const ipv6 = fc.nat(3).map((last) => `2001:db8::${last}`);
const address = fc.oneof({ weight: 3, arbitrary: ipv4 }, ipv6);
const subnet = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(ipv4, fc.constantFrom(0, 8, 23, 24, 31, 32))
      .map((parts) => parts.join('/')),
  },
  fc.tuple(ipv6, fc.constantFrom(0, 64, 127, 128)).map((parts) => parts.join('/')),
);
const range = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(6))
  .map(([low, more]) => `${low}-${low + more}`);
const port = fc.integer({ min: 1, max: 9 });
const names = fc.constantFrom('eth0', 'eth1', 'ppp0');
const numbers = fc.nat(2);

/** None in most cases: a rule with all conditions matches next to nothing. */
function some<Value>(
  value: fc.Arbitrary<Value>,
  weight: number,
): fc.Arbitrary<readonly Value[] | undefined> {
  return fc.oneof(
    { weight: 10, arbitrary: fc.constant(undefined) },
    { weight, arbitrary: fc.array(value, { minLength: 1, maxLength: 3 }) },
  );
}

const protocols = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc.record({ protocols: fc.constantFrom('tcp' as const, 'udp' as const, 6, 17, 1) }),
  },
  fc.record({ protocols: fc.constant(['tcp' as const, 'icmp' as const]) }),
  fc.record({
    protocols: fc.constantFrom('icmp' as const, 'icmpv6' as const),
    icmpTypes: fc.array(numbers, { maxLength: 2 }),
    icmpCodes: fc.array(numbers, { maxLength: 2 }),
  }),
);
const portsOfRules = fc.record({
  sourcePorts: some(fc.oneof(port, range), 2),
  ports: some(fc.oneof(port, range), 8),
});
const places = fc.record({
  from: some(fc.constantFrom(...zones), 5),
  to: some(fc.constantFrom(...zones), 5),
  sourceSubnets: some(subnet, 5),
  destinationSubnets: some(subnet, 5),
  interfaces: some(names, 3),
  interfaceGroups: some(numbers, 3),
  requestIds: some(numbers, 2),
  destinationInterfaces: some(names, 2),
  destinationInterfaceGroups: some(numbers, 2),
});

/** The conditions of a rule. */
export const ruleOptions: fc.Arbitrary<RuleOptions> = fc
  .tuple(protocols, portsOfRules, places)
  .map(([protocol, ports, place]) => defined({ ...protocol, ...ports, ...place }));

/** Up to `most` rules with ids that are not the places in the list; in some lists every other rule stands there twice. */
export function numberedRules(most: number): fc.Arbitrary<readonly NumberedRule[]> {
  const list = fc.array(ruleOptions, { maxLength: most, size: 'max' });
  return fc.tuple(list, fc.constantFrom(1, 2), fc.boolean()).map(([options, step, hasTwins]) => {
    const rules = options.map(ruleOf);
    const all = hasTwins ? rules.map((rule, index) => rules[index - (index % 2)] ?? rule) : rules;
    return all.map((rule, index) => ({ id: (all.length - index) * step, rule }));
  });
}

const incoming: fc.Arbitrary<IncomingInterface | undefined> = fc.option(
  fc.record({
    name: names,
    group: numbers,
    addresses: fc.array(
      address.map((text) => IpAddress.parse(text)),
      { maxLength: 2 },
    ),
  }),
  { nil: undefined, freq: 4 },
);
const place = fc.tuple(address, fc.nat(10)).map(([ip, number]) => SocketAddress.of(ip, number));

/** A packet; its addresses and its zones have nothing to do with one another. */
export const packets: fc.Arbitrary<Packet> = fc.record({
  client: place,
  local: place,
  clientZone: fc.constantFrom(undefined, ...zones),
  destinationZone: fc.constantFrom(undefined, ...zones),
  protocol: fc.constantFrom(6, 6, 6, 17, 17, 1, 58, 132, 47),
  icmp: fc.option(fc.record({ type: numbers, code: numbers }), { nil: undefined }),
  incoming,
  requestId: fc.option(numbers, { nil: undefined }),
});

const tree = new SubnetTree<Zone>();
for (const zone of zones) for (const subnet of zone.subnets) tree.insert(subnet, zone);

/** A packet whose zones are those that its addresses have. */
export const placedPackets: fc.Arbitrary<Packet> = packets.map((packet) => ({
  ...packet,
  clientZone: tree.lookup(packet.client.address),
  destinationZone: tree.lookup(packet.local.address),
}));

function defined(options: Readonly<Record<string, unknown>>): RuleOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
