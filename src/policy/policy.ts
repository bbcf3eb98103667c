// A checked policy: one frozen value with all that `decide` needs indexed. definePolicy makes it.

import type { IpAddress } from '../address/ip-address.ts';
import type { SubnetTree } from '../address/subnet-tree.ts';
import type { LiveInput } from '../proxy/live-input.ts';
import type { Listener } from './listener.ts';
import type { AnyService, Service } from './service.ts';
import type { Zone, ZoneLists } from './zone.ts';

/** A checked policy. */
export interface Policy {
  readonly kind: 'policy';
  readonly zones: readonly Zone[];
  /** Listeners by the name of the instance that runs them. */
  readonly instances: ReadonlyMap<string, readonly Listener[]>;
  /** All services that a listener or another service can start, or a zone names. */
  readonly services: readonly AnyService[];
  readonly zoneTree: SubnetTree<Zone>;
  readonly lists: ReadonlyMap<Zone, ZoneLists>;
  /** Only for services with `limitTargetZonesTo`. */
  readonly targetZones: ReadonlyMap<Service, ReadonlySet<Zone>>;
  /** What is read from outside before the policy is used, and again when it changes. */
  readonly liveInputs: readonly LiveInput[];
}

/** The zone of an address: the one with the most specific subnet that contains it. */
export function findZone(policy: Policy, address: IpAddress): Zone | undefined {
  return policy.zoneTree.lookup(address);
}
