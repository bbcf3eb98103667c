// Questions to DNS servers, with the time for which an answer is good. The hosts file does not count here.

import { Resolver } from 'node:dns';
import type { RecordWithTtl } from 'node:dns';
import { isHostName } from '../address/host-name.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { Clock, DnsAnswer, DnsClient, DnsQuestion } from '../session/outside.ts';
import { errorCode } from './error-code.ts';

/** Different questions at once: each takes a socket, and who comes later fails at once with 'EBUSY'. */
export const MAX_CONCURRENT_QUERIES = 64;

// Aliases of aliases: a chain longer than this is a fault or an attack (as in the original).
const MAX_CNAMES = 5;

// How long "there is no such name" and "it has no address" are good: Node does not tell the TTL of these answers
// (RFC 2308), nor that of an alias. It is what the reference remembers them for.
const UNTOLD_TTL_MS = 60_000;

const MAX_ADDRESSES = 256; // Node tells the TTL of no more in one answer

// A packet may get lost once: the first try waits for a third of the time, the second, twice as long, for the rest.
const TRIES = 2;
const FIRST_TRY = 1 / 3;

type Done = (answer: DnsAnswer) => void;

/** Asks DNS servers through Node. The same question asked twice at the same time is one query. */
export class NodeDnsClient implements DnsClient {
  readonly #clock: Clock;
  readonly #underWay = new Map<string, Done[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  query(question: DnsQuestion, timeoutMs: number, done: Done): void {
    const { host, family, servers } = question;
    const key = `${host} ${family} ${String(timeoutMs)} ${servers.join(' ')}`;
    const others = this.#underWay.get(key);
    if (others !== undefined) {
      others.push(done);
      return;
    }
    if (this.#underWay.size >= MAX_CONCURRENT_QUERIES) {
      queueMicrotask(() => done({ ok: false, error: 'EBUSY' }));
      return;
    }
    const waiting = [done];
    this.#underWay.set(key, waiting);
    new ChainQuery(question, (answer) => {
      this.#underWay.delete(key);
      for (const one of waiting) one(answer);
    }).start(this.#clock, timeoutMs);
  }
}

/** One question, with the aliases that lead to its answer. */
class ChainQuery {
  readonly #question: DnsQuestion;
  readonly #done: Done;
  /** Every name that was asked for: one that comes again is a circle. */
  readonly #seen: string[] = [];
  #resolver: Resolver | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(question: DnsQuestion, done: Done) {
    this.#question = question;
    this.#done = done;
  }

  start(clock: Clock, timeoutMs: number): void {
    const { servers, host } = this.#question;
    // One of its own, with its own port: an answer cannot be mistaken for that to another question, and it can be given up.
    const resolver = new Resolver({ timeout: Math.ceil(timeoutMs * FIRST_TRY), tries: TRIES });
    if (servers.length > 0) resolver.setServers(servers.map(String));
    this.#resolver = resolver;
    this.#cancelTimer = clock.after(timeoutMs, () => {
      this.#finish({ ok: false, error: 'ETIMEOUT' });
      resolver.cancel();
    });
    this.#askFor(host);
  }

  #askFor(name: string): void {
    this.#seen.push(name);
    const answered = (error: Error | null, records: readonly RecordWithTtl[]): void => {
      if (error !== null) this.#failed(error);
      else if (records.length === 0) this.#askForAlias(name);
      else this.#finish(this.#read(records));
    };
    if (this.#question.family === 'ipv4')
      this.#resolver?.resolve4(name, { ttl: true }, (error, records) => answered(error, records));
    else
      this.#resolver?.resolve6(name, { ttl: true }, (error, records) => answered(error, records));
  }

  /** An answer without an address has an alias: a server that knows nothing of its target leaves it to us to ask on. */
  #askForAlias(name: string): void {
    this.#resolver?.resolveCname(name, (error, aliases) => {
      if (error !== null) {
        this.#failed(error);
        return;
      }
      const [alias = ''] = aliases;
      const next = alias.toLowerCase();
      const isUsable = isHostName(next) && !this.#seen.includes(next);
      if (isUsable && this.#seen.length <= MAX_CNAMES) this.#askFor(next);
      else this.#finish(NO_ADDRESS);
    });
  }

  #failed(error: Error): void {
    const code = errorCode(error);
    const isAnswer = code === 'ENOTFOUND' || code === 'ENODATA';
    this.#finish(isAnswer ? NO_ADDRESS : { ok: false, error: code });
  }

  #read(records: readonly RecordWithTtl[]): DnsAnswer {
    const addresses = new Map<string, IpAddress>();
    const hasAlias = this.#seen.length > 1;
    let ttlMs = hasAlias ? UNTOLD_TTL_MS : Infinity;
    for (const { address: text, ttl } of records.slice(0, MAX_ADDRESSES)) {
      const address = IpAddress.tryParse(text)?.unmapped();
      if (address === undefined) continue;
      addresses.set(String(address), address);
      ttlMs = Math.min(ttlMs, ttl * 1000);
    }
    return addresses.size === 0
      ? NO_ADDRESS
      : { ok: true, addresses: [...addresses.values()], ttlMs };
  }

  /** The first end counts: a query that was given up is still called back by Node. */
  #finish(answer: DnsAnswer): void {
    if (this.#resolver === undefined) return;
    this.#resolver = undefined;
    this.#cancelTimer?.();
    this.#done(answer);
  }
}

const NO_ADDRESS: DnsAnswer = { ok: true, addresses: [], ttlMs: UNTOLD_TTL_MS };
