// The watch over one server: one check after the other, and what they say of it.

import type { Log } from '../log/log.ts';
import type { AvailabilityChainer } from '../policy/chainer.ts';
import type { WatchedServer } from '../policy/watched-servers.ts';
import type { CheckSlots } from './check-slots.ts';
import type { Clock, Outside } from './outside.ts';
import { afterCheck, AT_FIRST } from './rise-and-fall.ts';
import type { UpState } from './rise-and-fall.ts';
import type { ServerCheck } from './server-check.ts';
import { FunctionCheck, TcpCheck } from './server-check.ts';

/** What all watches share. */
export interface WatchSurroundings {
  readonly outside: Pick<Outside, 'clock' | 'connector'>;
  readonly log: Log;
  readonly slots: CheckSlots;
}

/** Watches one server until it is stopped. Checks never overlap. */
export class ServerWatch {
  readonly #watched: WatchedServer;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #slots: CheckSlots;
  readonly #check: ServerCheck;
  #state: UpState;
  #cancel: () => void = () => undefined;

  /** `former` is what is known of the server already. */
  constructor(surroundings: WatchSurroundings, watched: WatchedServer, former?: ServerWatch) {
    const { outside, log, slots } = surroundings;
    const { check, timeoutMs } = watched.chainer;
    this.#watched = watched;
    this.#clock = outside.clock;
    this.#log = log;
    this.#slots = slots;
    this.#check =
      check === 'tcp'
        ? new TcpCheck(outside, watched, timeoutMs)
        : new FunctionCheck(outside, watched.server, check, timeoutMs);
    this.#state = { ...AT_FIRST, isUp: former?.isUp ?? AT_FIRST.isUp };
  }

  get isUp(): boolean {
    return this.#state.isUp;
  }

  /** Whether it does all that another service wants. */
  serves({ server, chainer, mark, tos }: WatchedServer): boolean {
    const own = this.#watched;
    const isSameWay = server.equals(own.server) && mark === own.mark && tos === own.tos;
    return isSameWay && isSameCheck(chainer, own.chainer);
  }

  /** Whether what it knows is of use to the watch of a reloaded policy. */
  knows({ server, service, chainer }: WatchedServer): boolean {
    if (!server.equals(this.#watched.server)) return false;
    return service === this.#watched.service || chainer.check === this.#watched.chainer.check;
  }

  start(): void {
    const startedAt = this.#clock.monotonic();
    let giveUp = (): void => undefined;
    const leave = this.#slots.take(() => {
      giveUp = this.#check.run((failure) => {
        leave();
        this.#note(failure);
        const sinceMs = this.#clock.monotonic() - startedAt;
        const waitMs = Math.max(0, this.#watched.chainer.intervalMs - sinceMs);
        this.#cancel = this.#clock.after(waitMs, () => this.start());
      });
    });
    this.#cancel = () => {
      giveUp();
      leave();
    };
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => undefined;
  }

  #note(failure: string | undefined): void {
    const { service, server, chainer } = this.#watched;
    const before = this.#state;
    this.#state = afterCheck(before, failure === undefined, chainer);
    if (before.isUp === this.#state.isUp) return;
    const fields = { server: String(server), service };
    if (this.#state.isUp)
      this.#log.line(
        'info',
        'chainer.server-up',
        'A server is up: it gets connections again',
        fields,
      );
    else {
      const message = 'A server is down: it gets no connections';
      this.#log.line('error', 'chainer.server-down', message, { ...fields, error: failure });
    }
  }
}

function isSameCheck(one: AvailabilityChainer, other: AvailabilityChainer): boolean {
  return (
    one.check === other.check &&
    one.intervalMs === other.intervalMs &&
    one.timeoutMs === other.timeoutMs &&
    one.rise === other.rise &&
    one.fall === other.fall
  );
}
