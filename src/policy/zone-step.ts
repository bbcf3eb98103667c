// The zone of an address, with the step of the trace that tells which subnet won, and over which.

import type { SocketAddress } from '../address/socket-address.ts';
import type { SubnetMatch } from '../address/subnet-tree.ts';
import type { Policy } from './policy.ts';
import type { Check, TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';

/** The zone of an address and the subnet by which it is in it; undefined if no zone has the address. */
export function matchZone(
  policy: Policy,
  { address }: SocketAddress,
  check: Check,
  trace: TraceStep[],
): SubnetMatch<Zone> | undefined {
  const matches = policy.zoneTree.matches(address);
  const [best] = matches;
  if (best === undefined) {
    const because = 'no zone has the address';
    trace.push({ check, outcome: 'refused', subject: undefined, because, value: address });
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
