// Where listeners listen by what is known of the interfaces of the machine: on all of its addresses, or on those of an
// interface that they follow.

import type { InterfaceTable } from '../address/interface-table.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { followedAddresses } from './followed-sockets.ts';
import type { InterfaceBind } from './interface-bind.ts';
import type { Listener } from './make-listener.ts';
import { isAnyAddress } from './own-address.ts';

/** Whether a listener listens on an address because an interface of this machine has it. */
export function listensByInterface(
  { binds, follows }: Pick<Listener, 'binds' | 'follows'>,
  address: SocketAddress,
  interfaces: InterfaceTable | undefined,
): boolean {
  if (interfaces === undefined) return false;
  for (const bind of binds)
    if (isEverywhere(bind, address) && interfaces.isOwn(address.address)) return true;
  for (const bind of follows) if (isFollowing(bind, address, interfaces)) return true;
  return false;
}

function isEverywhere({ address, port }: SocketAddress, other: SocketAddress): boolean {
  return port === other.port && address.family === other.address.family && isAnyAddress(address);
}

/** Connecting to 0.0.0.0 or :: reaches this machine, so both count as every address. */
function isFollowing(
  bind: InterfaceBind,
  { address, port }: SocketAddress,
  interfaces: InterfaceTable,
): boolean {
  if (port !== bind.port) return false;
  if (isAnyAddress(address)) return true;
  return followedAddresses(bind, interfaces).some((one) => one.equals(address));
}

/** An address at which a client could reach a listener; undefined where it follows what is not there. */
export function someAddress(
  { binds, follows }: Pick<Listener, 'binds' | 'follows'>,
  interfaces: InterfaceTable | undefined,
): SocketAddress | undefined {
  const [named] = binds;
  if (named !== undefined || interfaces === undefined) return named;
  for (const bind of follows) {
    const [address] = followedAddresses(bind, interfaces);
    if (address !== undefined) return SocketAddress.of(address, bind.port);
  }
  return undefined;
}
