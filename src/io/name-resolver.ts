// Names to addresses, as the operating system does it: the hosts file counts, and so does the order it chooses.

import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { IpAddress } from '../address/ip-address.ts';
import type { Clock, NameResolver, ResolveResult } from '../session/outside.ts';
import { errorCode } from './error-code.ts';
import { isHostName } from '../address/host-name.ts';

/**
 * Different names that may be looked up at once. Two threads do the work, so that with 20 ms a name the last of 64
 * waits 0.6 s; with a DNS server that is dead, whoever comes later fails at once instead of waiting for nothing.
 */
export const MAX_CONCURRENT_LOOKUPS = 64;

/** Looks a host up, as `dns.lookup` does. */
export type Lookup = (
  host: string,
  options: { all: true; order: 'verbatim' },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

type Waiter = (result: ResolveResult) => void;

/**
 * Resolves names with the system's resolver. A literal address is its own answer; what is neither an address nor a
 * strict host name is refused as 'EINVALIDNAME'. Other codes of its own: 'ETIMEOUT' and, when too much is under way,
 * 'EBUSY'. IPv4-mapped IPv6 addresses are IPv4 in every answer.
 */
export class SystemNameResolver implements NameResolver {
  readonly #clock: Clock;
  readonly #lookup: Lookup;
  /** Who waits for which name. A name stays until the system answered, since it takes a thread until then. */
  readonly #underWay = new Map<string, Set<Waiter>>();

  constructor(clock: Clock, systemLookup: Lookup = lookup) {
    this.#clock = clock;
    this.#lookup = systemLookup;
  }

  resolve(host: string, timeoutMs: number, done: (result: ResolveResult) => void): void {
    const waiters = IpAddress.tryParse(host) ?? this.#waitersFor(host);
    if (waiters instanceof IpAddress) {
      queueMicrotask(() => done({ ok: true, addresses: [waiters.unmapped()] }));
    } else if (typeof waiters === 'string') {
      queueMicrotask(() => done({ ok: false, error: waiters }));
    } else {
      this.#wait(waiters, timeoutMs, done);
    }
  }

  /** Joins the lookup of this name or starts it; an error code where neither may be. */
  #waitersFor(host: string): Set<Waiter> | 'EINVALIDNAME' | 'EBUSY' {
    if (!isHostName(host)) return 'EINVALIDNAME';
    const name = host.toLowerCase();
    const others = this.#underWay.get(name);
    if (others !== undefined) return others;
    if (this.#underWay.size >= MAX_CONCURRENT_LOOKUPS) return 'EBUSY';
    const waiters = new Set<Waiter>();
    this.#underWay.set(name, waiters);
    this.#lookup(name, { all: true, order: 'verbatim' }, (error, addresses) => {
      this.#underWay.delete(name);
      const result = error
        ? { ok: false as const, error: errorCode(error) }
        : readAnswer(addresses);
      for (const waiter of waiters) waiter(result);
    });
    return waiters;
  }

  #wait(waiters: Set<Waiter>, timeoutMs: number, done: Waiter): void {
    const cancelTimer = this.#clock.after(timeoutMs, () => {
      waiters.delete(waiter);
      done({ ok: false, error: 'ETIMEOUT' });
    });
    const waiter: Waiter = (result) => {
      cancelTimer();
      done(result);
    };
    waiters.add(waiter);
  }
}

/** The addresses, each once, in the system's order. A link-local one with a zone id is no address of ours. */
function readAnswer(answer: readonly LookupAddress[]): ResolveResult {
  const addresses = new Map<string, IpAddress>();
  for (const entry of answer) {
    const address = IpAddress.tryParse(entry.address)?.unmapped();
    if (address !== undefined) addresses.set(address.toString(), address);
  }
  if (addresses.size === 0) return { ok: false, error: 'ENOTFOUND' };
  return { ok: true, addresses: [...addresses.values()] };
}
