// What is known of host names, and until when: a state for each question, moved by answers and by time. It asks nobody
// and has no clock, the watch does that.

import type { IpAddress } from '../address/ip-address.ts';
import type { DnsAnswer, DnsQuestion } from './outside.ts';

/** For how long answers count, in milliseconds. */
export interface NameTimes {
  /** The least: a name whose TTL is less is not asked for more often. */
  readonly minMs: number;
  /** The most. */
  readonly maxMs: number;
  /** For how long the last addresses stay while nobody can tell new ones. */
  readonly graceMs: number;
}

/**
 * A minute at least is what the original keeps to: a TTL of nothing must not make it ask without pause. A day at most:
 * TTLs go up to 68 years (RFC 2181, 8), and a slip there, or a forged answer, would stay as long.
 *
 * The hour of grace is a decision between two dangers. Without it, whoever can stop the packets of a DNS server empties
 * the zones of names within a minute; a zone may be there to refuse as well as to permit, so that empty is not the safe
 * side either. With it, an address that was given to somebody else in the meantime is still in the zone. RFC 8767 lets a
 * resolver serve stale answers for days; an hour is for a firewall.
 */
export const NAME_TIMES: NameTimes = { minMs: 60_000, maxMs: 86_400_000, graceMs: 3_600_000 };

/**
 * What is known of a question. `new`: it was never answered. `known`: its addresses are good, none at all included.
 * `kept`: nobody can tell at the moment, the last addresses stay. `unknown`: nobody could tell for too long.
 */
export type NameState = 'new' | 'known' | 'kept' | 'unknown';

/** What an answer changed. */
export interface NameChange {
  readonly from: NameState;
  readonly to: NameState;
  /** Whether it has other addresses now. */
  readonly isOther: boolean;
}

interface Entry {
  readonly question: DnsQuestion;
  state: NameState;
  addresses: readonly IpAddress[];
  /** When it is to be asked again; undefined while it is being asked. */
  askAt: number | undefined;
  /** Until when the last addresses may stay. */
  keepUntil: number;
}

/** Everything known of a set of questions. Times are milliseconds of a clock that never runs backwards. */
export class NameCache {
  readonly #times: NameTimes;
  #entries = new Map<string, Entry>();

  constructor(times: NameTimes = NAME_TIMES) {
    this.#times = times;
  }

  /** When the next question is to be asked again; undefined if none waits for its time. */
  get nextAt(): number | undefined {
    let next: number | undefined;
    for (const { askAt } of this.#entries.values())
      if (askAt !== undefined && (next === undefined || askAt < next)) next = askAt;
    return next;
  }

  /** Goes over to these questions: what is known of them stays, what is new is due at once, all others are forgotten. */
  follow(questions: Iterable<DnsQuestion>, now: number): void {
    const entries = new Map<string, Entry>();
    for (const question of questions) {
      const key = keyOf(question);
      const known = this.#entries.get(key);
      entries.set(
        key,
        known ?? { question, state: 'new', addresses: [], askAt: now, keepUntil: now },
      );
    }
    this.#entries = entries;
  }

  /** The questions whose time has come; they are taken to be asked now. */
  due(now: number): readonly DnsQuestion[] {
    const due = [...this.#entries.values()].filter(
      ({ askAt }) => askAt !== undefined && askAt <= now,
    );
    for (const entry of due) entry.askAt = undefined;
    return due.map(({ question }) => question);
  }

  /** Takes an answer; undefined if nobody follows the question any more. */
  take(question: DnsQuestion, answer: DnsAnswer, now: number): NameChange | undefined {
    const entry = this.#entries.get(keyOf(question));
    if (entry === undefined) return undefined;
    const { state: from, addresses: before } = entry;
    const { minMs, maxMs, graceMs } = this.#times;
    const forMs = answer.ok ? Math.min(Math.max(answer.ttlMs, minMs), maxMs) : minMs;
    entry.askAt = now + forMs;
    if (answer.ok) {
      entry.state = 'known';
      entry.addresses = answer.addresses;
      entry.keepUntil = now + forMs + graceMs;
    } else if ((from === 'known' || from === 'kept') && now < entry.keepUntil) entry.state = 'kept';
    else {
      entry.state = 'unknown';
      entry.addresses = [];
    }
    return { from, to: entry.state, isOther: textOf(before) !== textOf(entry.addresses) };
  }

  /** What is known of a question. */
  stateOf(question: DnsQuestion): NameState {
    return this.#entries.get(keyOf(question))?.state ?? 'new';
  }

  /** The addresses of a question, as they are known. */
  addressesOf(question: DnsQuestion): readonly IpAddress[] {
    return this.#entries.get(keyOf(question))?.addresses ?? [];
  }
}

function keyOf({ host, family, servers }: DnsQuestion): string {
  return `${host} ${family} ${servers.join(' ')}`;
}

/** DNS servers change the order of addresses with every answer. */
function textOf(addresses: readonly IpAddress[]): string {
  return addresses.map(String).sort().join(' ');
}
