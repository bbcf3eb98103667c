// The zone of an address, with the step of the trace that tells which subnet or host name won, and over which.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { SubnetMatch } from '../address/subnet-tree.ts';
import type { HostAddress } from './host-address.ts';
import type { Policy } from './policy.ts';
import type { Check, Trace } from './trace.ts';
import { UNTRACED } from './trace.ts';
import type { Zone } from './zone.ts';

/** Whose zone is asked for, and what it means if no zone has the address. */
export interface ZoneQuestion {
  readonly check: Check;
  readonly whenUnknown: 'refused' | 'skipped';
}

/** The zone of an address and the subnet by which it is in it; undefined if no zone has the address. */
export function matchZone(
  policy: Policy,
  { address }: SocketAddress,
  { check, whenUnknown }: ZoneQuestion,
  trace: Trace,
): SubnetMatch<Zone> | undefined {
  if (trace === UNTRACED) return nearestZone(policy, address);
  const matches = policy.zoneTree.matches(address);
  const host = policy.hostZones?.tree.matches(address)[0];
  if (host !== undefined) return matchHost(host, matches, check, trace);
  const [best] = matches;
  if (best === undefined) {
    const because = 'no zone has the address';
    trace.push({ check, outcome: whenUnknown, subject: undefined, because, value: address });
    return undefined;
  }
  for (const match of matches) {
    const isBest = match === best;
    trace.push({
      check,
      outcome: isBest ? 'chosen' : 'lost',
      subject: match.value,
      because: isBest ? 'its subnet is the most specific' : 'a more specific subnet wins',
      value: match.subnet,
    });
  }
  return best;
}

/** The same without a word about whom it beats. */
function nearestZone(
  { zoneTree, hostZones }: Policy,
  address: IpAddress,
): SubnetMatch<Zone> | undefined {
  const host = hostZones?.tree.best(address);
  if (host !== undefined) return { subnet: host.subnet, value: host.value.zone };
  return zoneTree.best(address);
}

/** An address of a host name is more specific than any subnet around it: the same one as a subnet drops it. */
function matchHost(
  { subnet, value: host }: SubnetMatch<HostAddress>,
  matches: readonly SubnetMatch<Zone>[],
  check: Check,
  trace: Trace,
): SubnetMatch<Zone> {
  const subject = host.zone;
  const because = 'its host name has the address';
  trace.push({ check, outcome: 'chosen', subject, because, value: host });
  for (const match of matches) {
    const lost = { outcome: 'lost', because: 'an address of a host name wins' } as const;
    trace.push({ check, ...lost, subject: match.value, value: match.subnet });
  }
  return { subnet, value: host.zone };
}
