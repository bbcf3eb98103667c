// What the messages of the kernel come to: every interface with its addresses, as far as they have been told.

import type { GroupNames, NetworkInterface } from '../address/interface-table.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import type { IpAddress } from '../address/ip-address.ts';
import type { AddressMessage, LinkMessage } from './netlink-message.ts';

/** Addresses of one interface that count; a machine with more has a fault or an attacker. */
export const MAX_ADDRESSES_PER_INTERFACE = 256;

/** What a message did: `lost` is that an address which was left out for want of room may have room now. */
export type Effect = 'none' | 'changed' | 'lost';

interface Link {
  readonly name: string;
  readonly group: number;
  readonly isUp: boolean;
}

interface Addresses {
  /** Those that can be used, by their ids. */
  readonly usable: Map<string, IpAddress>;
  /** Whether there were more than count. */
  isOver: boolean;
}

/** The interfaces that messages have told of. */
export class InterfaceState {
  readonly #links = new Map<number, Link>();
  readonly #addresses = new Map<number, Addresses>();

  /** Takes one message. */
  apply(message: LinkMessage | AddressMessage): Effect {
    return message.type === 'link' ? this.#applyLink(message) : this.#applyAddress(message);
  }

  /** Names of interfaces that have more addresses than count. */
  get overfull(): readonly string[] {
    return [...this.#links].flatMap(([index, { name }]) =>
      this.#addresses.get(index)?.isOver === true ? [name] : [],
    );
  }

  /** All of them as they are now. */
  table(groupNames: GroupNames): InterfaceTable {
    const interfaces = [...this.#links].map(([index, { name, group, isUp }]): NetworkInterface => {
      const usable = this.#addresses.get(index)?.usable.values() ?? [];
      return Object.freeze({ index, name, group, isUp, addresses: eachOnce(usable) });
    });
    return new InterfaceTable(interfaces, groupNames);
  }

  #applyLink(message: LinkMessage): Effect {
    const { change, index } = message;
    if (change === 'gone') {
      this.#addresses.delete(index);
      return this.#links.delete(index) ? 'changed' : 'none';
    }
    const before = this.#links.get(index);
    const link = linkOf(message, before);
    if (link === undefined || isSame(link, before)) return 'none';
    this.#links.set(index, link);
    return 'changed';
  }

  #applyAddress({ change, index, address, id, isUsable }: AddressMessage): Effect {
    const known = this.#addressesOf(index);
    if (change === 'is' && isUsable) {
      if (known.usable.has(id)) return 'none';
      if (known.usable.size >= MAX_ADDRESSES_PER_INTERFACE) {
        known.isOver = true;
        return 'none';
      }
      known.usable.set(id, address);
      return 'changed';
    }
    if (!known.usable.delete(id)) return 'none';
    return known.isOver ? 'lost' : 'changed';
  }

  #addressesOf(index: number): Addresses {
    const known = this.#addresses.get(index);
    if (known !== undefined) return known;
    const made: Addresses = { usable: new Map(), isOver: false };
    this.#addresses.set(index, made);
    return made;
  }
}

/** What a message leaves out is as before; one without a name is part of a story that begins with the next dump. */
function linkOf({ name, group, isUp }: LinkMessage, before: Link | undefined): Link | undefined {
  const called = name ?? before?.name;
  if (called === undefined) return undefined;
  return { name: called, group: group ?? before?.group ?? 0, isUp };
}

function isSame(one: Link, other: Link | undefined): boolean {
  return one.name === other?.name && one.group === other.group && one.isUp === other.isUp;
}

function eachOnce(addresses: Iterable<IpAddress>): readonly IpAddress[] {
  const byText = new Map([...addresses].map((address) => [String(address), address]));
  return Object.freeze([...byText.values()]);
}
