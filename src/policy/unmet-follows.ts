// Binds that follow something which is not there now. That is no fault of a policy, because it may come; but it is often a
// mistake in a name, so it is said.

import type { InterfaceTable } from '../address/interface-table.ts';
import { followedAddresses, followedInterfaces } from './followed-sockets.ts';
import type { InterfaceBind } from './interface-bind.ts';
import { showInterfaceBind } from './interface-bind.ts';
import type { Listener } from './make-listener.ts';

/** A bind that listens nowhere now. */
export interface UnmetFollow {
  readonly listener: string;
  /** The bind, as `explain` and the log show it. */
  readonly bind: string;
  /** One sentence: why, and the cure. */
  readonly message: string;
}

/** The binds of these listeners that listen nowhere now. */
export function unmetFollows(
  listeners: readonly Listener[],
  table: InterfaceTable,
): readonly UnmetFollow[] {
  return listeners.flatMap((listener) =>
    listener.follows
      .filter((bind) => followedAddresses(bind, table).length === 0)
      .map((bind) => {
        const text = showInterfaceBind(bind);
        const what = `Listener ${listener.name} listens nowhere by ${text} now`;
        const message = `${what}, because ${reasonOf(bind, table)}`;
        return { listener: listener.name, bind: text, message };
      }),
  );
}

function reasonOf(bind: InterfaceBind, table: InterfaceTable): string {
  const { type, name, group } = bind;
  const found = followedInterfaces(bind, table);
  if (found.length === 0) {
    if (type === 'interface')
      return `there is no interface ${name}: correct the name, or add it with "ip link add"`;
    if (group === undefined && table.groupNumber(name) === undefined)
      return `/etc/iproute2/group has no group ${name}: add it there, or give its number`;
    return `no interface is in group ${name}: add one with "ip link set DEVICE group ${name}"`;
  }
  const names = found.map((one) => one.name).join(', ');
  if (!found.some(({ isUp }) => isUp))
    return `${names} is down: set it up with "ip link set DEVICE up"`;
  const what =
    bind.address === undefined ? `usable ${FAMILIES[bind.family]} address` : String(bind.address);
  const have = bind.address === undefined ? `has no ${what}` : `does not have ${what}`;
  return `${names} ${have}: add it with "ip address add"`;
}

const FAMILIES = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;
