// Pieces of rules for tests: rules that need no service of their own, packets, and detectors.

import { IpAddress } from '../../src/address/ip-address.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { Packet } from '../../src/policy/packet.ts';
import type { Rule, RuleOptions } from '../../src/policy/rule.ts';
import { rule } from '../../src/policy/rule.ts';
import { denyService } from '../../src/policy/service.ts';
import type { Zone } from '../../src/policy/zone.ts';
import { zone } from '../../src/policy/zone.ts';
import type { Detector } from '../../src/proxy/detector.ts';
import { declare } from '../../src/proxy/policy-fault.ts';

const service = denyService('some-service');

/** A rule of these conditions; what it starts does not matter. */
export function ruleOf(options: Omit<RuleOptions, 'service' | 'detect'> = {}): Rule {
  return rule({ ...options, service });
}

/** A zone of this name, below another one if need be. */
export function zoneOf(name: string, parent?: Zone, subnets: readonly string[] = []): Zone {
  return zone(name, parent === undefined ? { subnets } : { subnets, parent });
}

/** A TCP packet from 10.0.0.1:40000 to 192.0.2.1:80 but for what is given; addresses and ports as text. */
export function packetOf(
  overrides: Partial<Omit<Packet, 'client' | 'local'>> & {
    readonly client?: string;
    readonly local?: string;
  } = {},
): Packet {
  const { client = '10.0.0.1:40000', local = '192.0.2.1:80', ...rest } = overrides;
  return {
    clientZone: undefined,
    destinationZone: undefined,
    protocol: 6,
    ...rest,
    client: SocketAddress.parse(client),
    local: SocketAddress.parse(local),
  };
}

/** An incoming interface with these local addresses. */
export function incomingOf(
  name: string,
  group = 0,
  addresses: readonly string[] = [],
): NonNullable<Packet['incoming']> {
  return { name, group, addresses: addresses.map((text) => IpAddress.parse(text)) };
}

/** A detector that never recognises anything. */
export function detectorOf(name: string): Detector {
  const made: Detector = {
    kind: 'detector',
    name,
    readsServer: false,
    detect: () => 'no-match',
    explain: () => `recognises ${name}`,
  };
  return declare(made, detectorOf);
}
