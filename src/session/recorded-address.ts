// Addresses as decision records have them.

import type { SocketAddress } from '../address/socket-address.ts';
import type { RecordedAddress } from '../log/decision-record.ts';
import type { Zone } from '../policy/zone.ts';

/** An address where zones do not count. */
export function addressOf(address: SocketAddress): RecordedAddress {
  return { address: address.address.toString(), port: address.port };
}

/** An address and its zone, if it is in one. */
export function addressIn(address: SocketAddress, zone: Zone | undefined): RecordedAddress {
  return { address: address.address.toString(), port: address.port, zone: zone?.name ?? null };
}
