// Follows the interfaces of this machine: every change makes another table. Over netlink changes are told at once; where
// there is no C library to call the interfaces are listed every few seconds.

import { InterfaceTable } from '../address/interface-table.ts';
import type { Clock, Interfaces } from '../session/outside.ts';
import type { Log } from '../log/log.ts';
import { dumpInterfaces, readNews } from './interface-dump.ts';
import { readGroupNames } from './interface-groups.ts';
import { listInterfaces } from './interface-listing.ts';
import type { InterfaceState } from './interface-state.ts';
import type { Libc } from './libc.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** How long a change may go unnoticed where interfaces are listed, and how long a failed question waits. */
export const LIST_INTERVAL_MS = 2_000;

/** Knows the interfaces of this machine. */
export interface InterfaceMonitor extends Interfaces {
  /** `call` is called after every change, with `table` as it is then; one caller only. */
  onChange(call: () => void): void;
  close(): void;
}

/** What a monitor needs. */
export interface MonitorNeeds {
  readonly clock: Clock;
  readonly log: Log;
  /** How interfaces are listed where netlink cannot be asked; only tests change it. */
  readonly list?: () => InterfaceTable;
}

/** Begins to follow the interfaces. Never throws: what cannot be asked is told in the log, and asked again. */
export function monitorInterfaces(libc: Libc | undefined, needs: MonitorNeeds): InterfaceMonitor {
  return libc === undefined ? new ListMonitor(needs) : new NetlinkMonitor(libc, needs);
}

/** News over netlink. */
class NetlinkMonitor implements InterfaceMonitor {
  readonly #libc: Libc;
  readonly #needs: MonitorNeeds;
  #socket: NetlinkSocket | undefined;
  #state: InterfaceState | undefined;
  #table = InterfaceTable.EMPTY;
  #changed = (): void => undefined;
  #cancelRetry = (): void => undefined;
  /** Names of interfaces of which the log has said that they have too many addresses. */
  #overfull: readonly string[] = [];

  constructor(libc: Libc, needs: MonitorNeeds) {
    this.#libc = libc;
    this.#needs = needs;
    this.#begin();
  }

  get table(): InterfaceTable {
    return this.#table;
  }

  onChange(call: () => void): void {
    this.#changed = call;
  }

  close(): void {
    this.#cancelRetry();
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Another socket each time: whatever was wrong with the one before is gone with it. */
  #begin(): void {
    this.close();
    try {
      this.#socket = new NetlinkSocket(this.#libc, 'news');
      this.#state = dumpInterfaces(this.#socket);
      this.#socket.onReadable(() => this.#guarded(() => this.#read()));
      this.#publish();
    } catch (error) {
      this.#fail(error);
    }
  }

  #read(): void {
    if (this.#socket === undefined || this.#state === undefined) return;
    const effect = readNews(this.#socket, this.#state);
    if (effect === 'changed') this.#publish();
    // libuv watches a socket no more on which messages were lost (POLLERR): another one hears what comes now.
    if (effect === 'incomplete') this.#begin();
  }

  /** Nobody would catch what a watch throws. */
  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fail(error);
    }
  }

  #publish(): void {
    if (this.#state === undefined) return;
    this.#table = this.#state.table(readGroupNames());
    this.#tellOverfull(this.#state.overfull);
    this.#changed();
  }

  /** The table stays as it was, which is better than none, until the kernel can be asked again. */
  #fail(error: unknown): void {
    this.close();
    const message = error instanceof Error ? error.message : String(error);
    this.#needs.log.line('error', 'interfaces.unreadable', message);
    this.#cancelRetry = this.#needs.clock.after(LIST_INTERVAL_MS, () => this.#begin());
  }

  #tellOverfull(names: readonly string[]): void {
    for (const name of names.filter((one) => !this.#overfull.includes(one))) {
      const message = `Interface ${name} has more than 256 addresses: the others are left out, so bind to 0.0.0.0 or [::] instead`;
      this.#needs.log.line('error', 'interfaces.too-many-addresses', message, { interface: name });
    }
    this.#overfull = names;
  }
}

/** Lists the interfaces again and again. */
class ListMonitor implements InterfaceMonitor {
  readonly #clock: Clock;
  readonly #list: () => InterfaceTable;
  #table: InterfaceTable;
  #changed = (): void => undefined;
  #cancel = (): void => undefined;

  constructor({ clock, list = () => listInterfaces() }: MonitorNeeds) {
    this.#clock = clock;
    this.#list = list;
    this.#table = list();
    this.#arm();
  }

  get table(): InterfaceTable {
    return this.#table;
  }

  onChange(call: () => void): void {
    this.#changed = call;
  }

  close(): void {
    this.#cancel();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(LIST_INTERVAL_MS, () => {
      this.#arm();
      const before = fingerprint(this.#table);
      this.#table = this.#list();
      if (fingerprint(this.#table) !== before) this.#changed();
    });
  }
}

function fingerprint({ interfaces }: InterfaceTable): string {
  return interfaces
    .map(({ index, name, group, isUp, addresses }) =>
      [index, name, group, isUp, ...addresses].join(' '),
    )
    .join('\n');
}
