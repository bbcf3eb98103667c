// Pipes, through which the kernel moves bytes from one socket to another. An idle relay has none: a pipe is taken when
// bytes come, and given back when the last of them has gone out.

import type { DescriptorBudget } from './descriptor-budget.ts';
import type { Libc } from './libc.ts';
import type { GuardedMemory } from './guarded-memory.ts';
import { allocateGuarded } from './guarded-memory.ts';
import { F_SETPIPE_SZ, O_CLOEXEC, O_NONBLOCK } from './linux-constants.ts';

/** A pipe. Whoever takes it has it alone. */
export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  /** Bytes that it holds when they lie in full pages; fewer when they do not. */
  readonly capacity: number;
}

/** The descriptors that pipes may take. */
export type PipeAccount = Pick<DescriptorBudget, 'hasRoomForPipe' | 'take' | 'giveBack'>;

// What a pipe should hold: the more a turn moves, the less each byte costs. 1 MiB is what the kernel permits everybody
// (fs.pipe-max-size) and halves the cost of 64 KiB. A user without privileges has 64 MiB of such pipes
// (fs.pipe-user-pages-soft), and smaller ones after that.
const WANTED_CAPACITIES: readonly number[] = [1_048_576, 262_144, 65_536];

// Each may hold its capacity of a slow receiver's bytes, which bounds the memory of all: 256 MiB.
const MAX_PIPES = 256;

// As many as bulk transfers that go on at the same time on a few cores; an empty one costs the kernel 10 KiB.
const MAX_IDLE_PIPES = 32;

// What was in use less than this ago may be in use again soon; after it, nothing is left of moves that are over.
const KEPT_IDLE_MS = 1_000;

// Asking the system for what it has just refused costs as much as copying: relays that copy ask again at every read.
const ASKS_BETWEEN_TRIES = 64;

/** Pipes for moves. It grows to what has ever moved at one moment, within its bounds. */
export class PipePool {
  readonly #libc: Libc;
  readonly #account: PipeAccount;
  readonly #pair: GuardedMemory;
  readonly #idle: Pipe[] = [];
  #openCount = 0;
  #asksToSkip = 0;
  #isUsed = false;
  #isWatched = false;

  /** Throws an Error when there is no memory. */
  constructor(libc: Libc, account: PipeAccount) {
    this.#libc = libc;
    this.#account = account;
    this.#pair = allocateGuarded(libc, 8);
  }

  /** Pipes that are open now, whoever has them. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Pipes that nobody has. */
  get idleCount(): number {
    return this.#idle.length;
  }

  /** An empty pipe; undefined where there is none to be had now. */
  take(): Pipe | undefined {
    this.#isUsed = true;
    return this.#idle.pop() ?? this.#tryOpen();
  }

  /** Takes an empty pipe back. */
  giveBack(pipe: Pipe): void {
    if (this.#idle.length >= MAX_IDLE_PIPES || !this.#account.hasRoomForPipe) {
      this.#close(pipe);
      return;
    }
    this.#idle.push(pipe);
    if (!this.#isWatched) this.#lookLater();
  }

  /** Closes a pipe that has bytes in it, which are lost. */
  discard(pipe: Pipe): void {
    this.#close(pipe);
  }

  /** Closes the pipes that nobody has. */
  clear(): void {
    for (const pipe of this.#idle.splice(0)) this.#close(pipe);
  }

  /** Closes what lies idle when no pipe was asked for meanwhile; otherwise it looks again. */
  #lookLater(): void {
    this.#isWatched = true;
    setTimeout(() => {
      this.#isWatched = false;
      if (!this.#isUsed) this.clear();
      this.#isUsed = false;
      if (this.#idle.length > 0) this.#lookLater();
    }, KEPT_IDLE_MS).unref();
  }

  #tryOpen(): Pipe | undefined {
    if (this.#openCount >= MAX_PIPES || !this.#account.hasRoomForPipe) return undefined;
    if (this.#asksToSkip > 0) {
      this.#asksToSkip--;
      return undefined;
    }
    const pipe = this.#open();
    if (pipe === undefined) this.#asksToSkip = ASKS_BETWEEN_TRIES;
    return pipe;
  }

  #open(): Pipe | undefined {
    if (this.#libc.pipe2(this.#pair.address, O_NONBLOCK | O_CLOEXEC) === -1) return undefined;
    const [readEnd = -1, writeEnd = -1] = this.#pair.words;
    const capacity = this.#widen(writeEnd);
    this.#openCount++;
    this.#account.take('pipe');
    const pipe: Pipe = { readEnd, writeEnd, capacity };
    if (capacity > 0) return pipe;
    this.#close(pipe);
    return undefined;
  }

  /** Gives a pipe the best capacity that the system permits; 0 when that is too little to be worth it. */
  #widen(writeEnd: number): number {
    for (const wanted of WANTED_CAPACITIES) {
      const capacity = this.#libc.fcntl(writeEnd, F_SETPIPE_SZ, wanted);
      if (capacity !== -1) return capacity;
    }
    return 0;
  }

  #close(pipe: Pipe): void {
    this.#libc.close(pipe.readEnd);
    this.#libc.close(pipe.writeEnd);
    this.#openCount--;
    this.#account.giveBack('pipe');
    this.#asksToSkip = 0;
  }
}
