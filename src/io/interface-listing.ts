// The interfaces of this machine as Node and sysfs tell them, where the kernel cannot be asked over netlink. It knows an
// interface that is up but has no carrier without its addresses.

import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { NetworkInterface } from '../address/interface-table.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import { readGroupNames } from './interface-groups.ts';

const SYSFS = '/sys/class/net'; // sysfs-class-net: ifindex, flags, netdev_group
const IFF_UP = 0x1;

/** Addresses by the name of their interface. */
type Listing = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>;

/** The interfaces of this machine now, as far as the system tells them. Never throws. */
export function listInterfaces(
  list: () => Listing = networkInterfaces,
  folder: string = SYSFS,
): InterfaceTable {
  const addresses = addressesByName(listOrNone(list));
  const names = new Set([...namesIn(folder), ...addresses.keys()]);
  const interfaces = [...names].map((name, position): NetworkInterface => {
    const index = numberIn(`${folder}/${name}/ifindex`) ?? -1 - position; // of no packet
    const group = numberIn(`${folder}/${name}/netdev_group`) ?? 0;
    const flags = numberIn(`${folder}/${name}/flags`) ?? IFF_UP; // Node lists those that are up
    const isUp = (flags & IFF_UP) !== 0;
    return { index, name, group, isUp, addresses: addresses.get(name) ?? [] };
  });
  return new InterfaceTable(interfaces, readGroupNames());
}

function listOrNone(list: () => Listing): Listing {
  try {
    return list();
  } catch {
    return {}; // such as in a sandbox that forbids to ask
  }
}

/** An address may be listed under a label, such as `eth0:1` (ip-address(8)): it is of the interface `eth0`. */
function addressesByName(listing: Listing): ReadonlyMap<string, readonly IpAddress[]> {
  const addresses = new Map<string, IpAddress[]>();
  for (const [label, entries = []] of Object.entries(listing)) {
    const [name = label] = label.split(':', 1);
    const known = addresses.get(name) ?? [];
    for (const { address } of entries) {
      const parsed = IpAddress.tryParse(address);
      if (parsed !== undefined && !known.some((one) => one.equals(parsed))) known.push(parsed);
    }
    addresses.set(name, known);
  }
  return addresses;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no Linux, or no sysfs
  }
}

function numberIn(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^(?:0x[0-9a-f]+|[0-9]+)$/i.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
