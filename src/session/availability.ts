// Which servers are up: the watches over all servers that the policy wants checked.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Log } from '../log/log.ts';
import type { WatchedServer } from '../policy/watched-servers.ts';
import { CheckSlots } from './check-slots.ts';
import type { Outside } from './outside.ts';
import type { WatchSurroundings } from './server-watch.ts';
import { ServerWatch } from './server-watch.ts';

// Hundreds of servers that do not answer must not take the descriptors that connections need.
const MAX_CHECKS_AT_ONCE = 64;

/** Whose servers are looked up: `target` is the server as the router names it. */
type WatchesByTarget = Map<string, ServerWatch>;

/** Watches servers, and tells which are up. */
export class Availability {
  readonly #surroundings: WatchSurroundings;
  #watches: readonly ServerWatch[] = [];
  #byService: ReadonlyMap<string, WatchesByTarget> = new Map();

  constructor(outside: Pick<Outside, 'clock' | 'connector'>, log: Log) {
    this.#surroundings = { outside, log, slots: new CheckSlots(MAX_CHECKS_AT_ONCE) };
  }

  /** Whether a server may get connections. One that nobody watches may. */
  isUp(service: string, target: SocketAddress): boolean {
    return this.#byService.get(service)?.get(target.toString())?.isUp ?? true;
  }

  /**
   * Watches these servers and no others. Services that want the same check of the same server share one. A watch that is
   * wanted as it was goes on; another one of the same server begins with what is known of it.
   */
  watch(servers: readonly WatchedServer[]): void {
    const former = this.#watches;
    const watches: ServerWatch[] = [];
    const byService = new Map<string, WatchesByTarget>();
    for (const watched of servers) {
      const serves = (one: ServerWatch): boolean => one.serves(watched);
      const found = watches.find(serves) ?? former.find(serves) ?? this.#make(watched);
      if (!watches.includes(found)) watches.push(found);
      const byTarget = byService.get(watched.service) ?? new Map<string, ServerWatch>();
      byService.set(watched.service, byTarget.set(watched.target.toString(), found));
    }
    this.#watches = watches;
    this.#byService = byService;
    for (const one of former) if (!watches.includes(one)) one.stop();
    for (const one of watches) if (!former.includes(one)) one.start();
  }

  /** Ends all checks. What is known stays known, for sessions that are not over. */
  stop(): void {
    for (const one of this.#watches) one.stop();
  }

  #make(watched: WatchedServer): ServerWatch {
    const former = this.#watches.find((one) => one.knows(watched));
    return new ServerWatch(this.#surroundings, watched, former);
  }
}
