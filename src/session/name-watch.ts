// Keeps host names resolved: asks DNS, asks again when an answer is no longer good, and says when something has changed.
// Nobody waits for it: whoever needs addresses takes those that are known.

import type { IpAddress } from '../address/ip-address.ts';
import type { Log } from '../log/log.ts';
import type { NameChange, NameState, NameTimes } from './name-cache.ts';
import { NAME_TIMES, NameCache } from './name-cache.ts';
import type { Clock, DnsAnswer, DnsClient, DnsQuestion } from './outside.ts';

/** How long one question may take (as in the original). */
const QUERY_TIMEOUT_MS = 2_000;

// A quarter of what the client of DNS takes: long policies need not have their answers at once.
const MAX_AT_ONCE = 16;

// News wait this long for more of it: each makes a new policy.
const NEWS_DELAY_MS = 100;

/** What is known of names now. */
export interface KnownNames {
  /** What is known of a question. */
  stateOf(question: DnsQuestion): NameState;
  /** The addresses of a question; none if nothing is known. */
  addressesOf(question: DnsQuestion): readonly IpAddress[];
}

/** What a watch needs. */
export interface NameWatchOptions {
  readonly clock: Clock;
  readonly dns: DnsClient;
  readonly log: Log;
  /** Is called after something has changed. */
  readonly changed: () => void;
  /** Only tests have other times. */
  readonly times?: NameTimes | undefined;
}

interface Waiter {
  readonly questions: readonly DnsQuestion[];
  readonly done: () => void;
}

/** Follows a set of names. It has no timer and asks nobody while the set is empty. */
export class NameWatch implements KnownNames {
  readonly #options: NameWatchOptions;
  readonly #times: NameTimes;
  readonly #cache: NameCache;
  readonly #waiters = new Set<Waiter>();
  #queue: DnsQuestion[] = [];
  #underWay = 0;
  #askedAt = -Infinity;
  #cancelWake: (() => void) | undefined;
  #cancelNews: (() => void) | undefined;

  constructor(options: NameWatchOptions) {
    this.#options = options;
    this.#times = options.times ?? NAME_TIMES;
    this.#cache = new NameCache(this.#times);
  }

  stateOf(question: DnsQuestion): NameState {
    return this.#cache.stateOf(question);
  }

  addressesOf(question: DnsQuestion): readonly IpAddress[] {
    return this.#cache.addressesOf(question);
  }

  /** Goes over to these questions; those that are new are asked at once. None at all ends the watch. */
  follow(questions: readonly DnsQuestion[]): void {
    this.#cache.follow(questions, this.#now());
    if (questions.length === 0) this.#queue = [];
    this.#ask();
  }

  /** Resolves when each of these questions was answered or failed, or when the time is over. */
  answered(questions: readonly DnsQuestion[], timeoutMs: number): Promise<void> {
    if (!this.#isOpen(questions)) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(timeoutMs, () => waiter.done());
      const waiter: Waiter = {
        questions,
        done: () => {
          cancel();
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      this.#waiters.add(waiter);
    });
  }

  #isOpen(questions: readonly DnsQuestion[]): boolean {
    return questions.some((question) => this.#cache.stateOf(question) === 'new');
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  #ask(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#askedAt = this.#now();
    this.#queue.push(...this.#cache.due(this.#askedAt));
    this.#askNext();
  }

  #askNext(): void {
    while (this.#underWay < MAX_AT_ONCE) {
      const question = this.#queue.shift();
      if (question === undefined) break;
      this.#underWay++;
      this.#options.dns.query(question, QUERY_TIMEOUT_MS, (answer) => {
        this.#underWay--;
        this.#take(question, answer);
        this.#askNext();
      });
    }
    if (this.#underWay === 0) this.#rest();
  }

  /** Nothing is under way: the next time is when the first answer is no longer good, but a minute after the last. */
  #rest(): void {
    this.#tellNews();
    const { nextAt } = this.#cache;
    if (nextAt === undefined) return;
    const at = Math.max(nextAt, this.#askedAt + this.#times.minMs);
    this.#cancelWake?.();
    this.#cancelWake = this.#options.clock.after(at - this.#now(), () => this.#ask());
  }

  #take(question: DnsQuestion, answer: DnsAnswer): void {
    const change = this.#cache.take(question, answer, this.#now());
    if (change === undefined) return;
    this.#logChange(question, change, answer);
    if (change.isOther || change.from !== change.to)
      this.#cancelNews ??= this.#options.clock.after(NEWS_DELAY_MS, () => this.#tellNews());
  }

  #tellNews(): void {
    if (this.#cancelNews === undefined) return;
    this.#cancelNews();
    this.#cancelNews = undefined;
    this.#options.changed();
    for (const waiter of [...this.#waiters]) if (!this.#isOpen(waiter.questions)) waiter.done();
  }

  #logChange(
    { host, family }: DnsQuestion,
    { from, to, isOther }: NameChange,
    answer: DnsAnswer,
  ): void {
    const { log } = this.#options;
    const kind = family === 'ipv4' ? 'IPv4' : 'IPv6';
    if (!answer.ok) {
      if (from === to) return;
      const { code, what } = FAILURES[to === 'kept' ? 'kept' : 'unknown'];
      const message = `DNS cannot tell the ${kind} addresses of ${host} (${answer.error}): ${what}`;
      log.line('error', code, message, { host, family, error: answer.error });
      return;
    }
    const count = answer.addresses.length;
    if (isOther) {
      const message = `Host name ${host} has ${count} ${kind} address${count === 1 ? '' : 'es'} now`;
      const addresses = answer.addresses.slice(0, MAX_LOGGED).join(' ');
      log.line('info', 'policy.names-changed', message, { host, family, count, addresses });
    } else if (from === 'kept' || from === 'unknown')
      log.line('info', 'policy.names-known', `DNS tells the ${kind} addresses of ${host} again`, {
        host,
        family,
        count,
      });
  }
}

const FAILURES = {
  kept: { code: 'policy.names-kept', what: 'the last ones stay for an hour at most' },
  unknown: { code: 'policy.names-unknown', what: 'there are none until it can' },
} as const;

const MAX_LOGGED = 16; // addresses in a line: it is still one line, and the count says how many there are
