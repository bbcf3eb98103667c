// How fast one client is: while it sends a body that nobody has answered yet, and while it reads one.

import type { ProxyAction, Traffic } from '../../../proxy/engine.ts';
import { Violation } from '../../../proxy/violation.ts';
import type { ClientSide } from '../client-side.ts';
import type { Exchange } from '../exchange.ts';
import type { PhaseTimer } from '../phase-timer.ts';
import { BodyRate } from './body-rate.ts';
import type { BodySettings } from './body-settings.ts';
import { ReadRate } from './read-rate.ts';

/** What a client is measured by. */
export interface PaceParts {
  readonly settings: Pick<BodySettings, 'minBodyRate' | 'minReadRate'>;
  readonly timer: Pick<PhaseTimer, 'forRate' | 'stopRate'>;
  readonly client: Pick<ClientSide, 'state' | 'bodyFrom'>;
}

/** The body that is measured. */
interface Measure {
  readonly of: Exchange;
  /** Whether the client waited to be told to go on when this began. */
  readonly awaitsWord: boolean;
  readonly rate: BodyRate | ReadRate;
}

/** The pace of one client. */
export class ClientPace {
  readonly #parts: PaceParts;
  #measure: Measure | undefined;

  constructor(parts: PaceParts) {
    this.#parts = parts;
  }

  /** Whether a body comes, or is read, that may not be too slow. */
  get isMeasured(): boolean {
    return this.#measure !== undefined;
  }

  /** After each event: begins to measure, goes on, or stops. `exchange` is what is in work. */
  follow(exchange: Exchange | undefined, out: ProxyAction[]): void {
    const minRate = exchange === undefined ? 0 : this.#minRate(exchange);
    if (exchange === undefined || minRate === 0) {
      this.stop(out);
      return;
    }
    const isReading = exchange.response?.hasBegun === true;
    const { awaitsWord } = exchange;
    const old = this.#measure;
    const isSame = old?.of === exchange && old.rate instanceof ReadRate === isReading;
    // The time before the word does not count: with it a whole window begins.
    if (isSame && old.awaitsWord === awaitsWord) return;
    const { client, timer } = this.#parts;
    const rate = isReading ? new ReadRate(minRate) : new BodyRate(minRate, client.bodyFrom);
    this.#measure = { of: exchange, awaitsWord, rate };
    timer.forRate(out);
  }

  /**
   * A window of the measure is over: whether the client read fast enough in it. @throws Violation for a body that comes too
   * slowly. A client that was to be told to go on, and was not, is not slow.
   */
  isKept(traffic: Traffic, out: ProxyAction[]): boolean {
    if (this.#measure === undefined) return true;
    const { of, rate } = this.#measure;
    if (rate instanceof BodyRate) {
      const waitsForWord = of.awaitsWord && !rate.hasBegun(traffic);
      if (!waitsForWord && !rate.isMet(traffic))
        throw new Violation('http.too-slow', 'client', 'The body of the request came too slowly');
    } else if (!rate.isMet(traffic)) {
      return false;
    }
    this.#parts.timer.forRate(out);
    return true;
  }

  /** Nothing is measured any more. */
  stop(out: ProxyAction[]): void {
    if (this.#measure === undefined) return;
    this.#measure = undefined;
    this.#parts.timer.stopRate(out);
  }

  /** What the client must send, or read, in bytes a second; 0 where it need do neither. */
  #minRate({ response }: Exchange): number {
    const { settings, client } = this.#parts;
    if (response?.hasBegun === true) return settings.minReadRate;
    return client.state === 'body' ? settings.minBodyRate : 0;
  }
}
