// Whose contents are decoded next. Decoding is work for Node's thread pool, which would do four steps at once and take all
// processors: here few are in the pool at a time, of all decoders of the process, and those that need little come first.

import { availableParallelism } from 'node:os';

// One processor is for everybody else, and of the pool's four threads one for names and files.
const MAX_STEPS_AT_ONCE = 3;

/** What a decoder may use before it stands behind those that have used less: some MiB of text, so most bodies never do. */
export const LIGHT_MS = 20;

/** As often one turn goes to those that have used much: they wait for the others, and not for ever. */
export const LIGHT_TURNS = 4;

/** How many steps are in the pool at once. */
export function stepsAtOnce(processors: number = availableParallelism()): number {
  return Math.max(1, Math.min(MAX_STEPS_AT_ONCE, processors - 1));
}

/** What a turn needs of its queue. */
interface TurnQueue {
  now(): number;
  join(turn: DecodingTurn): void;
  leave(turn: DecodingTurn): void;
  over(): void;
}

/** The queue for turns. */
export class DecodingTurns implements TurnQueue {
  /** Milliseconds. */
  readonly now: () => number;
  readonly #maxAtOnce: number;
  /** Those that have begun come before those that have not: few have their memory at a time. */
  readonly #begun = new Set<DecodingTurn>();
  readonly #fresh = new Set<DecodingTurn>();
  readonly #heavy = new Set<DecodingTurn>();
  #running = 0;
  /** In a row. */
  #lightTurns = 0;
  #isDue = false;

  /** `now`: milliseconds, for tests. */
  constructor(maxAtOnce: number = stepsAtOnce(), now: () => number = () => performance.now()) {
    this.#maxAtOnce = maxAtOnce;
    this.now = now;
  }

  /** The turns of one decoder. `step` begins a step; it is never called from within a call of the turn's own. */
  newcomer(step: () => void): DecodingTurn {
    return new DecodingTurn(step, this);
  }

  /** For a turn: a step is wanted. */
  join(turn: DecodingTurn): void {
    this.#queueOf(turn).add(turn);
    this.#schedule();
  }

  /** For a turn: none is wanted any more. */
  leave(turn: DecodingTurn): void {
    this.#queueOf(turn).delete(turn);
  }

  /** For a turn: its step is over. */
  over(): void {
    this.#running--;
    this.#schedule();
  }

  /** Behind what else is to be done now: connections wait less than contents do. */
  #schedule(): void {
    if (this.#isDue || this.#running >= this.#maxAtOnce) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#grant();
    });
  }

  #grant(): void {
    while (this.#running < this.#maxAtOnce) {
      const turn = this.#takeNext();
      if (turn === undefined) return;
      this.#running++;
      turn.begin();
    }
  }

  #queueOf({ usedMs }: DecodingTurn): Set<DecodingTurn> {
    if (usedMs > LIGHT_MS) return this.#heavy;
    return usedMs > 0 ? this.#begun : this.#fresh;
  }

  #takeNext(): DecodingTurn | undefined {
    const queue = this.#nextQueue();
    const [turn] = queue;
    if (turn === undefined) return undefined;
    this.#lightTurns = queue === this.#heavy ? 0 : this.#lightTurns + 1;
    queue.delete(turn);
    return turn;
  }

  #nextQueue(): Set<DecodingTurn> {
    if (this.#lightTurns >= LIGHT_TURNS && this.#heavy.size > 0) return this.#heavy;
    if (this.#begun.size > 0) return this.#begun;
    return this.#fresh.size > 0 ? this.#fresh : this.#heavy;
  }
}

/** A decoder's place in the queue. */
export class DecodingTurn {
  readonly #step: () => void;
  readonly #queue: TurnQueue;
  #state: 'idle' | 'waiting' | 'stepping' = 'idle';
  #begunMs = 0;
  #usedMs = 0;

  constructor(step: () => void, queue: TurnQueue) {
    this.#step = step;
    this.#queue = queue;
  }

  /** Whether a step of this decoder is in the pool. */
  get isStepping(): boolean {
    return this.#state === 'stepping';
  }

  /** How long its steps have been in the pool, in all. */
  get usedMs(): number {
    return this.#usedMs;
  }

  /** Asks for a step. Nothing happens while one is asked for, or in the pool. */
  ask(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'waiting';
    this.#queue.join(this);
  }

  /** No step is wanted any more. Not for one that is in the pool: that ends with `over`. */
  leave(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'idle';
    this.#queue.leave(this);
  }

  /** For the queue: the step begins. */
  begin(): void {
    this.#state = 'stepping';
    this.#begunMs = this.#queue.now();
    this.#step();
  }

  /** The step has come back from the pool. */
  over(): void {
    if (this.#state !== 'stepping') return;
    this.#state = 'idle';
    this.#usedMs += this.#queue.now() - this.#begunMs;
    this.#queue.over();
  }
}
