// The network interfaces of a machine at one moment: who has which address, by index, name and group.

import type { IpAddress } from './ip-address.ts';

/** One network interface. */
export interface NetworkInterface {
  /** The number by which the kernel knows it; it stays when the interface is renamed. */
  readonly index: number;
  readonly name: string;
  /** As `ip link set DEVICE group NUMBER` sets it; 0 is that of all others. */
  readonly group: number;
  /** Whether an administrator has set it up; one that is down counts for nothing. */
  readonly isUp: boolean;
  /** Its local addresses that can be used, each once. */
  readonly addresses: readonly IpAddress[];
}

/** Numbers of interface groups by their names. */
export type GroupNames = ReadonlyMap<string, number>;

const NO_NAMES: GroupNames = new Map();
const NOBODY: readonly NetworkInterface[] = Object.freeze([]);

/** All interfaces of a machine. Immutable: when something changes there is another table. Lookups do not allocate. */
export class InterfaceTable {
  /** A machine of which nothing is known. */
  static readonly EMPTY = new InterfaceTable([]);

  /** All of them, those that are down too. */
  readonly interfaces: readonly NetworkInterface[];
  readonly #groupNames: GroupNames;
  readonly #byIndex = new Map<number, NetworkInterface>();
  readonly #byName = new Map<string, NetworkInterface>();
  readonly #byGroup = new Map<number, NetworkInterface[]>();
  /** Addresses of interfaces that are up, by a number that is cheap to make of one. */
  readonly #own = new Map<number, IpAddress[]>();

  /** Makes the table of these interfaces; `groupNames` are what this machine calls its groups. */
  constructor(interfaces: readonly NetworkInterface[], groupNames: GroupNames = NO_NAMES) {
    this.interfaces = Object.freeze([...interfaces]);
    this.#groupNames = groupNames;
    for (const one of this.interfaces) {
      this.#byIndex.set(one.index, one);
      this.#byName.set(one.name, one);
      addTo(this.#byGroup, one.group, one);
      if (one.isUp)
        for (const address of one.addresses) addTo(this.#own, bucketOf(address), address);
    }
  }

  /** The interface with this index. */
  byIndex(index: number): NetworkInterface | undefined {
    return this.#byIndex.get(index);
  }

  /** The interface with this name. */
  byName(name: string): NetworkInterface | undefined {
    return this.#byName.get(name);
  }

  /** The interfaces of this group. */
  inGroup(group: number): readonly NetworkInterface[] {
    return this.#byGroup.get(group) ?? NOBODY;
  }

  /** The number of a group that the machine has a name for. */
  groupNumber(name: string): number | undefined {
    return this.#groupNames.get(name);
  }

  /** Whether an interface that is up has this address. */
  isOwn(address: IpAddress): boolean {
    const candidates = this.#own.get(bucketOf(address));
    if (candidates === undefined) return false;
    for (const candidate of candidates) if (candidate.equals(address)) return true;
    return false;
  }
}

/** Differs for the addresses of one network of either family. */
function bucketOf({ word0, word3 }: IpAddress): number {
  return (word0 ^ word3) >>> 0;
}

function addTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
