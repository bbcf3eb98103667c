// Where binds that follow an interface listen at a moment: pure, from the listeners and the interfaces of the machine.

import type { InterfaceTable, NetworkInterface } from '../address/interface-table.ts';
import type { IpAddress } from '../address/ip-address.ts';
import { specialBlock } from '../address/special-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { InterfaceBind } from './interface-bind.ts';
import type { Listener } from './make-listener.ts';

/** A socket that a listener needs now, because an interface that it follows has an address. */
export interface FollowedSocket {
  readonly listener: Listener;
  readonly follows: InterfaceBind;
  readonly bind: SocketAddress;
}

/**
 * The sockets of all binds that follow something. Each address and port belongs to one listener: to the one that names the
 * address itself, else to one that follows the interface, else to one that follows its group; then to the first.
 */
export function followedSockets(
  listeners: readonly Listener[],
  table: InterfaceTable,
): readonly FollowedSocket[] {
  const taken = new Set(listeners.flatMap((one) => one.binds.map((bind) => placeOf(one, bind))));
  const all = listeners
    .flatMap((listener) => listener.follows.map((follows) => ({ listener, follows })))
    .sort((one, other) => rankOf(one.follows) - rankOf(other.follows));
  return all.flatMap(({ listener, follows }) =>
    followedAddresses(follows, table).flatMap((address) => {
      const bind = SocketAddress.of(address, follows.port);
      const place = placeOf(listener, bind);
      if (taken.has(place)) return [];
      taken.add(place);
      return [{ listener, follows, bind }];
    }),
  );
}

function placeOf({ protocol }: Listener, bind: SocketAddress): string {
  return `${protocol} ${String(bind)}`;
}

/** What says more of an address comes first. */
function rankOf({ type, address }: InterfaceBind): number {
  if (type === 'group') return 2;
  return address === undefined ? 1 : 0;
}

/** The addresses that a bind follows now. */
export function followedAddresses(
  bind: InterfaceBind,
  table: InterfaceTable,
): readonly IpAddress[] {
  return followedInterfaces(bind, table)
    .filter(({ isUp }) => isUp)
    .flatMap(({ addresses }) => addresses.filter((address) => isFollowed(bind, address)));
}

/** The interfaces that a bind follows now, those that are down too. */
export function followedInterfaces(
  { type, name, group }: InterfaceBind,
  table: InterfaceTable,
): readonly NetworkInterface[] {
  if (type === 'interface') {
    const found = table.byName(name);
    return found === undefined ? [] : [found];
  }
  const number = group ?? table.groupNumber(name);
  return number === undefined ? [] : table.inGroup(number);
}

/** A link-local address of IPv6 says nothing without its interface, which no client of a proxy can name in a URL. */
function isFollowed(bind: InterfaceBind, address: IpAddress): boolean {
  if (address.family !== bind.family) return false;
  if (bind.address !== undefined) return bind.address.equals(address);
  return address.family === 'ipv4' || specialBlock(address)?.kind !== 'link-local';
}
