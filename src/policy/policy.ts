// A checked policy: one frozen value with all that `decide` needs indexed. definePolicy makes it.

import type { IpAddress } from '../address/ip-address.ts';
import type { SubnetTree } from '../address/subnet-tree.ts';
import type { LiveInput } from '../proxy/live-input.ts';
import type { Program } from '../proxy/program.ts';
import type { GuardOpening } from './guard-options.ts';
import type { HostAddresses, HostZones } from './host-zones.ts';
import { hostZonesOf } from './host-zones.ts';
import type { Listener } from './make-listener.ts';
import type { PacketFilterSettings } from './packet-filter-settings.ts';
import type { Resolver } from './resolver.ts';
import type { RuleIndex } from './rule-index.ts';
import type { NumberedRule } from './number-rules.ts';
import type { AnyService, Service } from './service.ts';
import type { Zone, ZoneLists } from './zone.ts';

/** A checked policy. */
export interface Policy {
  readonly kind: 'policy';
  readonly zones: readonly Zone[];
  /** Listeners by the name of the instance that runs them. */
  readonly instances: ReadonlyMap<string, readonly Listener[]>;
  /** At which ports each instance listens, at whatever addresses. */
  readonly listenedPorts: ReadonlyMap<string, ReadonlySet<number>>;
  readonly packetFilter: PacketFilterSettings;
  /** All rules with their ids, the lowest first. */
  readonly rules: readonly NumberedRule[];
  readonly ruleIndex: RuleIndex;
  /** All services that a listener, a rule or another service can start, or a zone names. */
  readonly services: readonly AnyService[];
  /** All programs that a service can stack. */
  readonly programs: readonly Program[];
  readonly zoneTree: SubnetTree<Zone>;
  /** The zones of host names. */
  readonly hostnames: ReadonlyMap<string, Zone>;
  /** Who tells the addresses of these host names. */
  readonly zoneResolver: Resolver;
  /** The zones of the addresses that host names have now; undefined where no zone has host names. */
  readonly hostZones: HostZones | undefined;
  readonly lists: ReadonlyMap<Zone, ZoneLists>;
  /** Only for services with `limitTargetZonesTo`. */
  readonly targetZones: ReadonlyMap<Service, ReadonlySet<Zone>>;
  /** Only for services with a `destinationGuard`: what it lets through. */
  readonly guards: ReadonlyMap<Service, GuardOpening>;
  /** What is read from outside before the policy is used, and again when it changes. */
  readonly liveInputs: readonly LiveInput[];
}

/** The zone of an address: that of the host that has it, or the one with the most specific subnet that contains it. */
export function findZone({ hostZones, zoneTree }: Policy, address: IpAddress): Zone | undefined {
  return hostZones?.tree.lookup(address)?.zone ?? zoneTree.lookup(address);
}

/**
 * The policy with these addresses of its host names, instead of those that it had. A policy never changes: this is
 * another one, which shares everything else with it.
 */
export function withHostAddresses(policy: Policy, addresses: HostAddresses): Policy {
  if (policy.hostZones === undefined) return policy;
  return Object.freeze({ ...policy, hostZones: hostZonesOf(policy, addresses) });
}
