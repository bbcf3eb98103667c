// Addresses as decision records have them.

import type { SocketAddress } from '../address/socket-address.ts';
import type { RecordedAddress } from '../log/decision-record.ts';
import type { Zone } from '../policy/zone.ts';

/** An address where zones do not count. */
export function addressOf(address: SocketAddress): RecordedAddress {
  return { address: address.address.toString(), port: address.port };
}

/** An address and its zone, if it is in one. Those of the same few servers are the same few objects. */
export function addressIn(address: SocketAddress, zone: Zone | undefined): RecordedAddress {
  const slot = (address.address.word0 ^ address.port) & (RECENT_ADDRESSES - 1);
  const recent = recentAddresses[slot];
  if (recent?.address === address && recent.zone === zone?.name) return recent.recorded;
  const recorded = {
    address: address.address.toString(),
    port: address.port,
    zone: zone?.name ?? null,
  };
  recentAddresses[slot] = { address, zone: zone?.name, recorded };
  return recorded;
}

const RECENT_ADDRESSES = 64;
const recentAddresses: {
  readonly address: SocketAddress;
  readonly zone: string | undefined;
  readonly recorded: RecordedAddress;
}[] = [];
