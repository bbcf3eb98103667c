// Sets of rules for measurements: a realistic mix over 5,000 subnets, and sets in which most conditions tell nothing
// apart. Packets of clients and servers in those subnets. The same numbers in every run.

import { IpAddress } from '../src/address/ip-address.ts';
import { PortSet } from '../src/address/port-range.ts';
import { SocketAddress } from '../src/address/socket-address.ts';
import { Subnet } from '../src/address/subnet.ts';
import type { NumberedRule } from '../src/policy/number-rules.ts';
import type { Packet } from '../src/policy/packet.ts';
import type { Rule } from '../src/policy/rule.ts';
import { rule } from '../src/policy/rule.ts';
import type { AnyService } from '../src/policy/service.ts';
import { denyService } from '../src/policy/service.ts';
import type { Zone } from '../src/policy/zone.ts';
import { zone } from '../src/policy/zone.ts';

const SUBNETS = 5000;
const ZONES = 200;
const PORTS = [80, 443, 22, 25, 53, 110, 143, 993, 3306, 5432, 8080, 8443];
const RANGES = ['1024-65535', '8000-8099', '5060-5070', '49152-65535', '137-139', '6000-6063'];

const random = randomNumbers(7);

const subnets = Array.from({ length: SUBNETS }, () => {
  const length = [12, 16, 20, 22, 24, 24, 24, 28, 32, 32][random(10)] ?? 24;
  return new Subnet(randomAddress(), length);
});
const hosts = subnets.filter((subnet) => subnet.isHost);
/** The zones of the rules: 200, which have the 5,000 subnets among them and let every service pass. */
export const zones: readonly Zone[] = makeZones();

/** Kinds of rule sets; each makes the conditions of the rule with a number. */
export const KINDS: Readonly<Record<string, (index: number) => Partial<Rule>>> = {
  mix: realistic,
  'one port, many subnets': (index) => ({
    ports: new PortSet(80),
    sourceSubnets: [new Subnet(IpAddress.fromWords('ipv4', [0x0a00_0000 + index * 16]), 28)],
  }),
  'the same zones, many ports': (index) => ({
    from: [zones[0], zones[1]].filter((one) => one !== undefined),
    to: zones.slice(2, 4),
    ports: new PortSet(1 + (index % 65_535)),
  }),
  'many interfaces, half of them any': (index) =>
    index % 2 === 0 ? realistic() : { ...realistic(), interfaces: [`ppp${index}`] },
  'half of them any': (index) => (index % 2 === 0 ? {} : realistic()),
  identical: () => ({ protocols: [6], ports: new PortSet(80), from: zones.slice(0, 1) }),
  'overlapping ranges': () => {
    const low = 1 + random(60_000);
    return { protocols: [6], ports: new PortSet(`${low}-${low + random(5535)}`) };
  },
  'lists of 20 hosts and 8 ports': () => ({
    sourceSubnets: pick(hosts, 20),
    destinationSubnets: pick(hosts, 20),
    ports: new PortSet(pick(PORTS, 8)),
  }),
};

const DENIED = denyService('bench');
const NO_CONDITIONS = rule({ service: DENIED });

/** Rules of a kind. They are made by hand: what rule() costs is not what is measured. */
export function rulesOf(
  kind: string,
  count: number,
  service: AnyService = DENIED,
): readonly NumberedRule[] {
  const conditions = KINDS[kind] ?? realistic;
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    rule: { ...NO_CONDITIONS, service, ...conditions(index) },
  }));
}

/** Packets, each another one. */
export function packetsOf(count: number): readonly Packet[] {
  return Array.from({ length: count }, (): Packet => {
    const port = random(4) === 0 ? 1 + random(65_535) : (pick(PORTS, 1)[0] ?? 80);
    return {
      client: SocketAddress.of(addressIn(subnets), 1024 + random(60_000)),
      local: SocketAddress.of(addressIn(subnets), port),
      clientZone: zones[random(ZONES)],
      destinationZone: zones[random(ZONES)],
      protocol: random(4) === 0 ? 17 : 6,
      incoming: { name: `ppp${random(64)}`, group: random(4), addresses: [] },
    };
  });
}

/** What policies of firewalls are made of: most rules name a protocol, a port and both sides; few are for everything. */
function realistic(): Partial<Rule> {
  return {
    ...(random(10) < 8 ? { protocols: [random(4) === 0 ? 17 : 6] } : {}),
    ...(random(10) < 7 ? { ports: new PortSet(pick(PORTS, 1 + random(3))) } : somePorts()),
    ...someSide('from', 'sourceSubnets'),
    ...someSide('to', 'destinationSubnets'),
    ...(random(10) === 0 ? { interfaces: [`ppp${random(64)}`] } : {}),
    ...(random(20) === 0 ? { interfaceGroups: [random(4)] } : {}),
  };
}

function somePorts(): Partial<Rule> {
  return random(2) === 0 ? {} : { ports: new PortSet(RANGES[random(RANGES.length)] ?? '1-9') };
}

function someSide(
  byZone: 'from' | 'to',
  bySubnet: 'sourceSubnets' | 'destinationSubnets',
): Partial<Rule> {
  const kind = random(10);
  if (kind < 4) return { [byZone]: pick(zones, 1 + random(2)) };
  if (kind < 9) return { [bySubnet]: pick(subnets, 1 + random(3)) };
  return {};
}

function makeZones(): readonly Zone[] {
  const made: Zone[] = [];
  const unique = [...new Map(subnets.map((subnet) => [String(subnet), subnet])).values()];
  for (let index = 0; index < ZONES; index++) {
    const parent = index < 10 ? undefined : made[random(index)];
    const own = unique.filter((_, place) => place % ZONES === index).map(String);
    const lists = { inboundServices: ['*'], outboundServices: ['*'] } as const;
    const above = parent === undefined ? {} : { parent };
    made.push(zone(`zone${index}`, { subnets: own, ...lists, ...above }));
  }
  return made;
}

function pick<Value>(values: readonly Value[], count: number): Value[] {
  return Array.from({ length: count }, () => values[random(values.length)]).filter(
    (value) => value !== undefined,
  );
}

function addressIn(list: readonly Subnet[]): IpAddress {
  const subnet = list[random(list.length)];
  if (subnet === undefined) return randomAddress();
  const { network, netmask } = subnet;
  return IpAddress.fromWords('ipv4', [
    (network.word0 | (randomAddress().word0 & ~netmask.word0)) >>> 0,
  ]);
}

function randomAddress(): IpAddress {
  return IpAddress.fromWords('ipv4', [0x0a00_0000 + random(2 ** 24)]);
}

/** A linear congruential generator (Numerical Recipes): whole numbers below a limit, the same in every run. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
