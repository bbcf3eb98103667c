// The loop guard: whether an address is one of our own listeners.

import type { SocketAddress } from '../address/socket-address.ts';
import { Subnet } from '../address/subnet.ts';
import type { Listener } from './listener.ts';

const LOOPBACKS = [Subnet.parse('127.0.0.0/8'), Subnet.parse('::1')];
const UNSPECIFIED = [Subnet.parse('0.0.0.0'), Subnet.parse('::')];

/**
 * Whether one of the listeners listens on an address. For a listener on all addresses (0.0.0.0, ::) those that are surely
 * of this machine count: loopback ones, and the address at which the client reached it (`local`). Connecting to 0.0.0.0
 * or :: reaches this machine too, so both count as every address.
 */
export function isOwnAddress(
  listeners: readonly Listener[],
  address: SocketAddress,
  local: SocketAddress,
): boolean {
  return listeners.some((listener) =>
    listener.binds.some((bind) => bind.port === address.port && reaches(bind, address, local)),
  );
}

function reaches(bind: SocketAddress, address: SocketAddress, local: SocketAddress): boolean {
  if (bind.address.equals(address.address) || isIn(UNSPECIFIED, address)) return true;
  if (!isIn(UNSPECIFIED, bind) || bind.address.family !== address.address.family) return false;
  return isIn(LOOPBACKS, address) || address.address.equals(local.address);
}

function isIn(subnets: readonly Subnet[], address: SocketAddress): boolean {
  return subnets.some((subnet) => subnet.contains(address.address));
}
