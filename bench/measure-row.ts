// One row: round after round, every contender in turn, so that noise of the machine meets all alike.

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from './child.ts';
import { start } from './child.ts';
import type { Contender, Name } from './contender.ts';
import type { Cores } from './cores.ts';
import { onItsCore } from './cores.ts';
import { figure } from './figure.ts';
import type { Measured, Mode, Row } from './row.ts';
import type { TlsSite } from './tls-site.ts';

/** How it is measured. */
export interface Plan {
  readonly mode: Mode;
  readonly rounds: number;
  /** Where the server behind all listens. */
  readonly serverPort: number;
  readonly tls: TlsSite;
  readonly cores: Cores;
  /** When the row must be over, on the clock of `performance`. */
  readonly deadline: number;
  /** How long each contender is warmed up at least, in ms. */
  readonly warmUpMs: number;
  /** Told what happens. */
  readonly progress: (text: string) => void;
}

/** What came out of a row. */
export interface RowResult {
  readonly row: Row;
  /** By contender, by round; undefined for a round that failed. */
  readonly rounds: ReadonlyMap<Name, readonly (Measured | undefined)[]>;
  /** What went wrong, in words. */
  readonly faults: readonly string[];
  /** What was left out, in words. */
  readonly notes: readonly string[];
}

const ONE_MEASUREMENT_MS = 60_000;
// Starting processes anew takes long, and what they need for a connection hardly varies.
const QUICK_FRESH_ROUNDS = 2;
const WARM_UPS = 2;
// Ports of closed connections are free again, and what the last contender still did is over.
const PAUSE_MS = 100;

/** Measures a row. */
export async function measureRow(
  row: Row,
  contenders: readonly Contender[],
  plan: Plan,
): Promise<RowResult> {
  const able = contenders
    .filter(
      ({ name, ports }) => ports[row.needs] !== undefined && row.without?.includes(name) !== true,
    )
    .map((contender) => new Series(row, contender, plan));
  const isShort = row.isFresh && plan.mode === 'quick';
  const rounds = isShort ? Math.min(QUICK_FRESH_ROUNDS, plan.rounds) : plan.rounds;
  try {
    if (!row.isFresh) for (const series of able) await series.warmUp();
    for (let round = 1; round <= rounds; round += 1)
      for (const series of inTurn(able, round)) await series.play();
  } finally {
    await Promise.all(able.map((series) => series.stop()));
  }
  const faults = able.flatMap(({ fault }) => fault ?? []);
  const played = Math.min(...able.map(({ measured }) => measured.length));
  const notes = played < rounds ? [`${row.title}: ${played} of ${rounds} rounds, out of time`] : [];
  const byName = new Map(able.map(({ name, measured }) => [name, measured]));
  return { row, rounds: byName, faults, notes };
}

/** Forwards and backwards: what becomes slower or faster all the time favours nobody then. */
function inTurn(able: readonly Series[], round: number): readonly Series[] {
  return round % 2 === 1 ? able : able.toReversed();
}

/** The rounds of one contender. */
class Series {
  readonly measured: (Measured | undefined)[] = [];
  fault: string | undefined;
  readonly #row: Row;
  readonly #contender: Contender;
  readonly #plan: Plan;
  #process: Running | undefined;

  constructor(row: Row, contender: Contender, plan: Plan) {
    this.#row = row;
    this.#contender = contender;
    this.#plan = plan;
  }

  get name(): Name {
    return this.#contender.name;
  }

  /** Smaller rounds that do not count: code is compiled, pools are filled. */
  async warmUp(): Promise<void> {
    const until = performance.now() + this.#plan.warmUpMs;
    for (let round = 1; round <= WARM_UPS || performance.now() < until; round += 1)
      if ((await this.#tryOnce('quick')) === undefined) return;
    this.#plan.progress(`${this.name} warm`);
  }

  async play(): Promise<void> {
    const measured = await this.#tryOnce(this.#plan.mode);
    if (measured !== undefined) this.#plan.progress(`${this.name} ${figure(measured.cost)}`);
    if (!this.#isOver()) this.measured.push(measured);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }

  async #tryOnce(mode: Mode): Promise<Measured | undefined> {
    // A contender that failed once has no comparable figure any more.
    if (this.fault !== undefined || this.#isOver()) return undefined;
    try {
      return await this.#measure(mode);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (!this.#isOver()) this.fault = `${this.#row.title}: ${this.name}: ${words}`;
      return undefined;
    }
  }

  #isOver(): boolean {
    return performance.now() >= this.#plan.deadline;
  }

  async #measure(mode: Mode): Promise<Measured> {
    const { ports, command, share = 1, isExplicit = false } = this.#contender;
    this.#process ??= await start(onItsCore(command, this.#plan.cores));
    const { pid } = this.#process;
    const left = Math.max(1, this.#plan.deadline - performance.now());
    const signal = AbortSignal.timeout(Math.ceil(Math.min(ONE_MEASUREMENT_MS, left)));
    setMaxListeners(0, signal);
    await sleep(PAUSE_MS);
    const { serverPort, tls } = this.#plan;
    const { log } = command;
    const subject = { pid, log, ports, signal, share, isExplicit, serverPort, tls };
    const measured = await this.#row.measure(subject, mode);
    if (this.#row.isFresh) await this.stop();
    return measured;
  }
}
