// The epoll driver: it lives in Node's own loop and takes many events at one wake-up. Registered descriptors are
// edge-triggered; whatever they lead to happens in here, one call after the other.

import { performance } from 'node:perf_hooks'; // the global one is a getter, which is asked each time
import type { GuardedMemory } from './guarded-memory.ts';
import { allocateGuarded } from './guarded-memory.ts';
import { errorName } from './libc.ts';
import type { Libc } from './libc.ts';
import type { LoopHost } from './loop-host.ts';
import type { Watch } from './loop-watch.ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
} from './linux-constants.ts';

/** Takes the events of one descriptor. */
export interface DescriptorHandler {
  /**
   * Something has changed: bits of EPOLLIN and its like. It is said once for each change, so what is not used up now
   * must be asked for with `Driver.soon`.
   */
  ready(events: number): void;
}

/** Something to be done by the driver. */
export interface Task {
  run(): void;
}

/** The place of a registered descriptor in the driver; good until it is forgotten. */
export type Slot = number;

/** A system call that failed where nobody expects it to: its code says how. */
export class SystemCallError extends Error {
  readonly code: string;

  constructor(call: string, code: string) {
    super(`${call} failed: ${code}`);
    this.code = code;
  }
}

// One call of epoll_wait brings as many events as a busy moment has; more only make the others wait longer.
const MAX_EVENTS = 256;

// Where Node's loop waits for the driver, what came in while a batch was handled is taken in the same wake-up, which saves a
// turn of the loop each time. The bound keeps timers and everything else of Node from waiting for a flood to end.
const MAX_BATCHES = 8;

// Where the driver waits for the loop, it knows of all that Node has to do but for what it does once a turn without keeping the
// loop from waiting, such as immediates without a reference. A hundred batches make the turn between them cost nothing.
const MAX_BATCHES_IN_PLACE = 100;

// Events are structs of 12 bytes on x64, where they are packed, and of 16 everywhere else (epoll_ctl(2)).
const IS_PACKED = process.arch === 'x64';
const EVENT_WORDS = IS_PACKED ? 3 : 4;
const SLOT_WORD = IS_PACKED ? 1 : 2;
const GENERATION_WORD = SLOT_WORD + 1;

/** What stream sockets are registered for. */
export const STREAM_EVENTS = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI;

// What goes on and on, a transfer in bulk, gets as much time of each batch as all else, and this at least: whoever comes
// with little waits no longer for it than for his like.
const LATER_MS = 0.1;

// Small integers of V8; no event lives that long.
const MAX_GENERATION = 2 ** 30;
// The generation in events of Node's own loop, which no slot ever has.
const OF_LOOP = -1;
const MAX_BATCH = 2 ** 30;

/** Runs what the promises and `process.nextTick` of the last call left to do. */
type RunTicks = () => void;

/**
 * The driver. One for a process is enough; it keeps the process alive while anything is registered. The first one of a process
 * waits in place of Node's loop while it has descriptors, and for that loop as well; that loop waits for any other.
 */
export class Driver {
  readonly libc: Libc;
  readonly #epoll: number;
  readonly #events: GuardedMemory;
  readonly #change: GuardedMemory;
  readonly #watch: Watch;
  readonly #host: LoopHost | undefined;
  readonly #runTicks: RunTicks | undefined;
  readonly #handlers: (DescriptorHandler | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #freeSlots: number[] = [];
  readonly #atBatchEnd: Task[] = [];
  #tasks: Task[] = [];
  readonly #laterTasks: Task[] = [];
  #count = 0;
  #isAwake = false;
  #isWakeUpSet = false;
  #isLoopDue = false;
  #batch = 0;

  /** `runTicks` is for tests. Throws a SystemCallError when the system has no descriptor or memory for it. */
  constructor(libc: Libc, runTicks: RunTicks | 'none' = nodeTicks()) {
    this.libc = libc;
    this.#runTicks = runTicks === 'none' ? undefined : runTicks;
    this.#events = allocateGuarded(libc, MAX_EVENTS * EVENT_WORDS * 4);
    this.#change = allocateGuarded(libc, EVENT_WORDS * 4);
    this.#epoll = libc.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll === -1) throw this.failure('epoll_create1');
    this.#host = libc.host(() => this.#turn());
    if (this.#host !== undefined) this.#add(this.#host.descriptor, EPOLLIN, 0, OF_LOOP);
    this.#watch = this.#host ?? libc.watch(this.#epoll, () => this.#wake());
    this.#watch.unref();
    closeAtExit(this.#watch);
  }

  /** How many descriptors are registered and not suspended. */
  get count(): number {
    return this.#count;
  }

  /** Which batch of events is handled now, or was the last one: what happens from now on is in a later one. */
  get batch(): number {
    return this.#batch;
  }

  /** The error of the foreign call just before. */
  failure(call: string): SystemCallError {
    return new SystemCallError(call, errorName(this.libc.errno()));
  }

  /** Registers a descriptor, edge-triggered. Throws a SystemCallError. */
  register(descriptor: number, handler: DescriptorHandler, events: number = STREAM_EVENTS): Slot {
    const slot = this.#freeSlots.pop() ?? this.#handlers.length;
    const generation = this.#generations[slot] ?? 0;
    this.#handlers[slot] = handler;
    this.#generations[slot] = generation;
    try {
      this.#add(descriptor, events | EPOLLET, slot, generation);
    } catch (error) {
      this.#free(slot);
      throw error;
    }
    if (this.#count++ === 0) this.#watch.ref();
    if (!this.#isAwake) this.#host?.start();
    return slot;
  }

  #add(descriptor: number, events: number, slot: Slot, generation: number): void {
    const { words, address } = this.#change;
    words[0] = events;
    words[SLOT_WORD] = slot;
    words[GENERATION_WORD] = generation;
    const result = this.libc.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, descriptor, address);
    if (result === -1) throw this.failure('epoll_ctl');
  }

  /** Gives the events of a descriptor to another handler from now on; the old one tells it what has happened already. */
  hand(slot: Slot, from: DescriptorHandler, to: DescriptorHandler): void {
    if (this.#handlers[slot] === from) this.#handlers[slot] = to;
  }

  /** Forgets a descriptor that is closed: no event of it is told any more, also not one that is known already. */
  forget(slot: Slot, handler: DescriptorHandler): void {
    if (this.#handlers[slot] !== handler) return;
    this.#free(slot);
    if (--this.#count === 0) this.#watch.unref();
  }

  /** Gives the events of a descriptor to a handler for whom the process need not stay alive. */
  suspend(slot: Slot, from: DescriptorHandler, to: DescriptorHandler): void {
    this.hand(slot, from, to);
    if (--this.#count === 0) this.#watch.unref();
  }

  /** Gives the events of a suspended descriptor to a handler for whom it does. */
  resume(slot: Slot, from: DescriptorHandler, to: DescriptorHandler): void {
    this.hand(slot, from, to);
    if (this.#count++ === 0) this.#watch.ref();
  }

  /** Forgets a descriptor that lives on in other hands. */
  release(slot: Slot, handler: DescriptorHandler, descriptor: number): void {
    this.forget(slot, handler);
    this.libc.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, descriptor, this.#change.address);
  }

  /** Runs a task after what is under way: in the same wake-up if there is one, otherwise in the next turn of the loop. */
  soon(task: Task): void {
    this.#tasks.push(task);
    if (!this.#isAwake) this.#setWakeUp();
  }

  /** Runs a task as `soon` does, but behind all that is more urgent: it goes on with what has had its turn. */
  later(task: Task): void {
    this.#laterTasks.push(task);
    if (!this.#isAwake) this.#setWakeUp();
  }

  /**
   * Has a task run at the end of every batch, and before what may wait in it, for good. It must not call back into anything
   * that may ask for more.
   */
  atBatchEnd(task: Task): void {
    this.#atBatchEnd.push(task);
  }

  /** Sees to it that a batch ends soon: the one that is under way, or one in the next turn of the loop. */
  endBatchSoon(): void {
    if (!this.#isAwake) this.#setWakeUp();
  }

  /** A slot may be taken again in the same batch: its generation tells the events of the two apart. */
  #free(slot: Slot): void {
    this.#handlers[slot] = undefined;
    this.#generations[slot] = ((this.#generations[slot] ?? 0) + 1) % MAX_GENERATION;
    this.#freeSlots.push(slot);
  }

  #setWakeUp(): void {
    if (this.#isWakeUpSet) return;
    this.#isWakeUpSet = true;
    setImmediate(() => {
      this.#isWakeUpSet = false;
      this.#wake();
    });
  }

  /** Waits in place of the loop, until there is something for that to do. */
  #turn(): void {
    const host = this.#host;
    if (host === undefined) return;
    host.stop();
    this.#isAwake = true;
    this.#isLoopDue = false;
    let idleMs = -1;
    for (let batch = 0; batch < MAX_BATCHES_IN_PLACE && idleMs !== 0 && this.#goesOn(); batch++) {
      idleMs = host.idleMs();
      this.#takeBatch(this.#hasTasks() ? 0 : idleMs);
    }
    this.#fallAsleep();
  }

  #goesOn(): boolean {
    return !this.#isLoopDue && this.#hasSlots();
  }

  #hasSlots(): boolean {
    return this.#handlers.length > this.#freeSlots.length;
  }

  /** Takes what is there, until there is something for the loop to do: no batch takes that away. */
  #wake(): void {
    this.#isAwake = true;
    this.#isLoopDue = false;
    for (let batch = 0; batch < MAX_BATCHES && this.#takeBatch(0); batch++);
    this.#fallAsleep();
  }

  #fallAsleep(): void {
    this.#isAwake = false;
    if (this.#hasTasks()) this.#setWakeUp();
    if (this.#hasSlots()) this.#host?.start();
  }

  #hasTasks(): boolean {
    return this.#tasks.length > 0 || this.#laterTasks.length > 0;
  }

  /**
   * Handles the events that come in so many ms at most, and then what they left to do. False: it is quiet, or the loop
   * is due.
   */
  #takeBatch(waitMs: number): boolean {
    // Without any from before, the first of them begin to count when all others are done.
    const begunMs = this.#laterTasks.length > 0 ? performance.now() : Infinity;
    this.#batch = (this.#batch + 1) % MAX_BATCH;
    const count = this.libc.epoll_wait(this.#epoll, this.#events.address, MAX_EVENTS, waitMs);
    if (count === -1) this.#isLoopDue = true; // a signal, which Node's loop hears of
    this.#tellEvents(count);
    const hasWorked = count > 0 || this.#hasTasks();
    this.#runTasks();
    if (this.#laterTasks.length > 0) {
      this.#endBatch(); // what was written does not wait for them
      this.#runLaterTasks(begunMs);
    }
    if (hasWorked) this.#endTicks();
    this.#endBatch(); // what the ticks wrote goes out too
    return !this.#isLoopDue && (count > 0 || this.#hasTasks());
  }

  #endBatch(): void {
    for (const task of this.#atBatchEnd) this.#try(task);
  }

  #tellEvents(count: number): void {
    const { words } = this.#events;
    for (let index = 0; index < count; index++) {
      const at = index * EVENT_WORDS;
      const slot = words[at + SLOT_WORD] ?? 0;
      // An earlier event of this batch may have closed the descriptor and registered another one in its place.
      if (words[at + GENERATION_WORD] !== this.#generations[slot]) {
        if (words[at + GENERATION_WORD] === OF_LOOP) this.#isLoopDue = true;
        continue;
      }
      try {
        this.#handlers[slot]?.ready(words[at] ?? 0);
      } catch (error) {
        throwLater(error);
      }
    }
  }

  #runTasks(): void {
    if (this.#tasks.length === 0) return;
    const tasks = this.#tasks;
    this.#tasks = []; // what asks for another turn gets it after everybody else had one
    for (const task of tasks) this.#try(task);
  }

  /** One at least; what asks for another turn gets it after everybody else had one. `sinceMs`: when the batch began. */
  #runLaterTasks(sinceMs: number): void {
    const nowMs = performance.now();
    const until = nowMs + Math.max(LATER_MS, nowMs - sinceMs);
    let left = this.#laterTasks.length;
    do {
      const task = this.#laterTasks.shift();
      if (task !== undefined) this.#try(task);
    } while (--left > 0 && performance.now() < until);
  }

  #endTicks(): void {
    if (this.#runTicks === undefined) {
      setImmediate(() => undefined); // Node runs them after it
      return;
    }
    try {
      this.#runTicks();
    } catch (error) {
      throwLater(error);
    }
  }

  #try(task: Task): void {
    try {
      task.run();
    } catch (error) {
      throwLater(error);
    }
  }
}

const watches: Watch[] = [];

/**
 * Suspended descriptors may have something to tell when the process ends. Node takes its loop apart then, which calls
 * whoever is told of something, and it dies of a call to JavaScript.
 */
function closeAtExit(watch: Watch): void {
  const isFirst = watches.push(watch) === 1;
  if (!isFirst) return;
  process.once('exit', () => {
    for (const each of watches) each.close();
  });
}

/** Throws where Node handles it as an uncaught exception: from the watch of the loop nobody would. */
function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/**
 * Node runs promise jobs after each callback that it makes itself, and koffi's callback is none. `_tickCallback` does the
 * same from JavaScript; it is not documented, so where it is missing an immediate has Node do it.
 */
function nodeTicks(): RunTicks | 'none' {
  const run: unknown = Reflect.get(process, '_tickCallback');
  return typeof run === 'function' ? (run as RunTicks) : 'none';
}
