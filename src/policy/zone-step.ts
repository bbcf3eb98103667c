// The zone of an address, with the step of the trace that tells which subnet or host name won, and over which.

import type { SocketAddress } from '../address/socket-address.ts';
import type { SubnetMatch } from '../address/subnet-tree.ts';
import type { HostAddress } from './host-address.ts';
import type { Policy } from './policy.ts';
import type { Check, TraceStep } from './trace.ts';
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
  trace: TraceStep[],
): SubnetMatch<Zone> | undefined {
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

/** An address of a host name is more specific than any subnet around it: the same one as a subnet drops it. */
function matchHost(
  { subnet, value: host }: SubnetMatch<HostAddress>,
  matches: readonly SubnetMatch<Zone>[],
  check: Check,
  trace: TraceStep[],
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
