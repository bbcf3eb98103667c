// The policies that an instance uses, their host names followed: that of new connections, and older ones of sessions
// that still run. One watch asks for all of them.

import type { Log } from '../log/log.ts';
import type { Revision } from '../session/connection.ts';
import type { RefuseAddress } from '../session/live-revision.ts';
import { LiveRevision } from '../session/live-revision.ts';
import type { NameTimes } from '../session/name-cache.ts';
import { NameWatch } from '../session/name-watch.ts';
import type { Clock, DnsClient } from '../session/outside.ts';
import type { RunningSession } from '../session/running-sessions.ts';

/**
 * How long a start or a reload waits for the first answers of DNS: as long as one question may take. After that the
 * zones begin with their subnets, and get their host addresses when DNS tells them.
 */
export const FIRST_ANSWERS_MS = 2_000;

/** What only tests change. */
export interface NameSettings {
  readonly times?: NameTimes;
  readonly refuse?: RefuseAddress;
}

/** What the policies of an instance need. */
export interface LivePoliciesOptions {
  readonly clock: Clock;
  readonly dns: DnsClient;
  readonly log: Log;
  /** The sessions that run: the policy of each of them stays in use. */
  readonly sessions: Iterable<Pick<RunningSession, 'loaded'>>;
  /** Another policy has come in the place of one. */
  readonly replaced?: () => void;
  readonly settings?: NameSettings | undefined;
}

/** The policies that an instance uses. */
export class LivePolicies {
  readonly #options: LivePoliciesOptions;
  readonly #watch: NameWatch;
  #current: LiveRevision | undefined;
  /** Policies that are being prepared. */
  readonly #candidates = new Set<LiveRevision>();
  /** Policies before the current one, as long as they have sessions: it is these that keep them. */
  #older: readonly WeakRef<LiveRevision>[] = [];
  #state: 'running' | 'stopped' = 'running';

  constructor(options: LivePoliciesOptions) {
    this.#options = options;
    const { clock, dns, log, settings } = options;
    const changed = (): void => this.#refresh();
    this.#watch = new NameWatch({ clock, dns, log, changed, times: settings?.times });
  }

  /** The policy of new connections; before the first is taken, the one that is being prepared. */
  get current(): Revision {
    const current = this.#current ?? [...this.#candidates].at(-1);
    if (current === undefined) throw new Error('No policy is loaded');
    return current;
  }

  /** Begins to follow the names of a policy and waits for the first answers, in bounded time. */
  async prepare(loaded: Revision): Promise<LiveRevision> {
    const live = new LiveRevision(loaded, this.#options.settings?.refuse);
    this.#candidates.add(live);
    this.#follow();
    await this.#watch.answered(live.questions, FIRST_ANSWERS_MS);
    this.#refreshOne(live);
    this.#tellUnresolved(live);
    return live;
  }

  /** From now on new connections get this policy, which was prepared. */
  take(live: LiveRevision): void {
    this.#candidates.delete(live);
    if (this.#current !== undefined) {
      this.#older = [...this.#older, new WeakRef(this.#current)];
      this.#current.retire();
      this.#options.replaced?.();
    }
    this.#current = live;
    this.#follow();
  }

  /** The policy of new connections is one no longer. */
  retire(): void {
    this.#current?.retire();
  }

  /** The policy that was prepared will not be used. */
  abandon(live: LiveRevision): void {
    this.#candidates.delete(live);
    this.#follow();
  }

  /** Follows no names any more. */
  stop(): void {
    this.#state = 'stopped';
    this.#follow();
  }

  /** Asks for the names of all policies in use; those of older ones are in use as long as they have sessions. */
  #follow(): void {
    const used = new Set<Revision | undefined>();
    for (const { loaded } of this.#options.sessions) used.add(loaded);
    this.#older = this.#older.filter((one) => used.has(one.deref()));
    const questions = this.#used().flatMap((live) => live.questions);
    this.#watch.follow(this.#state === 'stopped' ? [] : questions);
  }

  #used(): readonly LiveRevision[] {
    const current = this.#current === undefined ? [] : [this.#current];
    return [...this.#living(), ...current, ...this.#candidates];
  }

  #living(): readonly LiveRevision[] {
    return this.#older.flatMap((one) => one.deref() ?? []);
  }

  #refresh(): void {
    for (const live of this.#used()) this.#refreshOne(live);
  }

  #refreshOne(live: LiveRevision): void {
    for (const { host, address, because } of live.refresh(this.#watch)) {
      if (this.#living().includes(live)) continue; // it was said of the policy that came after it, or before
      const message = `Address ${String(address)} of host name ${host} is in no zone by that name: ${because}`;
      const fields = { host, address: String(address), because };
      this.#options.log.line('policy', 'policy.names-dropped', message, fields);
    }
  }

  #tellUnresolved(live: LiveRevision): void {
    const hosts = live.unresolved(this.#watch);
    if (hosts.length === 0) return;
    const shown = hosts.slice(0, MAX_LOGGED).join(' ');
    const message = `Host names of the policy that have no address now: ${hosts.length}`;
    const fields = { count: hosts.length, hosts: shown };
    this.#options.log.line('error', 'policy.names-unresolved', message, fields);
  }
}

const MAX_LOGGED = 16; // names in a line: it is still one line, and the count says how many there are
