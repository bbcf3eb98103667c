// Counts descriptors. On EMFILE libuv accepts and closes connections without a word, so that running out must be foreseen.

import { readdirSync, readFileSync } from 'node:fs';

/** Left free always: log and policy files, the resolver's sockets, a child process's pipes. */
export const DESCRIPTOR_RESERVE = 32;

const ASSUMED_LIMIT = 1024; // the soft limit that most systems begin with
const ASSUMED_OPEN = 32; // a process of Node has about 25
const PER_CONNECTION = 2; // client and server
const PER_PIPE = 2;
const RECOVERY_ROOM = 32; // so that a full instance says so once, and not at every connection that comes and goes

/** Something that has one descriptor, and says 'close' once when it has it no longer: a socket or a server. */
export interface DescriptorHolder {
  once(event: 'close', listener: () => void): unknown;
}

/**
 * What a descriptor is for. A connection that was `accepted` counts as two until it closes, whether its server side is
 * there already or not; one that was `connected` counts only beyond those (a second channel of a session). A `pipe` has two.
 * A `spare` socket waits for its next connection.
 */
export type DescriptorUse = 'accepted' | 'connected' | 'pipe' | 'spare';

/**
 * The descriptors that connections may take. A charge ends with its holder's 'close', so none can leak; `take` is for
 * those that say no events.
 */
export class DescriptorBudget {
  readonly #capacity: number;
  readonly #recoveryRoom: number;
  readonly #waiting = new Set<() => void>();
  readonly #atShortage: (() => void)[] = [];
  #accepted = 0;
  #connected = 0;
  #pipes = 0;
  #spares = 0;

  /** Throws a RangeError, which names the cure, when `limit` has no room for a single connection. */
  constructor({ limit, openAtStart }: { readonly limit: number; readonly openAtStart: number }) {
    this.#capacity = limit - openAtStart - DESCRIPTOR_RESERVE;
    if (this.#capacity < PER_CONNECTION) {
      throw new RangeError(
        `Cannot serve connections with a limit of ${limit} open files, of which ${openAtStart} are in use and ` +
          `${DESCRIPTOR_RESERVE} reserved: raise it with "ulimit -n" or LimitNOFILE= of systemd`,
      );
    }
    const half = Math.floor(this.#capacity / 2);
    this.#recoveryRoom = Math.max(PER_CONNECTION, Math.min(RECOVERY_ROOM, half));
  }

  /** The budget of this process, by its soft limit and what is open now. */
  static ofProcess(): DescriptorBudget {
    return new DescriptorBudget({ limit: readSoftLimit(), openAtStart: countOpen() });
  }

  /** Descriptors that connections may still take. */
  get free(): number {
    const sockets = Math.max(PER_CONNECTION * this.#accepted, this.#accepted + this.#connected);
    return this.#capacity - sockets - PER_PIPE * this.#pipes - this.#spares;
  }

  /** Whether one more connection can be served, from client to server. */
  get hasRoom(): boolean {
    return this.free >= PER_CONNECTION;
  }

  /** Whether a pipe leaves enough for connections, which come first: a relay can do without it. Spare sockets give way. */
  get hasRoomForPipe(): boolean {
    return this.free + this.#spares >= this.#recoveryRoom + PER_PIPE;
  }

  /** Whether a socket may be kept that nobody needs now. */
  get hasRoomToSpare(): boolean {
    return this.free > this.#recoveryRoom;
  }

  /** Has `call` close all spare sockets, each time before the last descriptors that are free would be taken beside them. */
  onShortage(call: () => void): void {
    this.#atShortage.push(call);
  }

  /** Counts one descriptor until its holder closes. */
  charge(holder: DescriptorHolder, use: DescriptorUse): void {
    this.take(use);
    holder.once('close', () => this.giveBack(use));
  }

  /** Counts one descriptor until it is given back, once. */
  take(use: DescriptorUse): void {
    this.#count(use, 1);
    if (this.#spares > 0 && this.free < this.#recoveryRoom)
      for (const call of this.#atShortage) call();
  }

  /** Takes a descriptor off the account: it is closed. */
  giveBack(use: DescriptorUse): void {
    this.#count(use, -1);
    if (this.#waiting.size > 0) this.#tellWhoWaits();
  }

  #count(use: DescriptorUse, change: 1 | -1): void {
    if (use === 'accepted') this.#accepted += change;
    else if (use === 'connected') this.#connected += change;
    else if (use === 'pipe') this.#pipes += change;
    else this.#spares += change;
  }

  /** Calls once when there is room for more than one connection again; the returned function cancels. */
  onceRoomy(call: () => void): () => void {
    this.#waiting.add(call);
    return () => this.#waiting.delete(call);
  }

  #tellWhoWaits(): void {
    if (this.free < this.#recoveryRoom) return;
    const calls = [...this.#waiting];
    this.#waiting.clear();
    for (const call of calls) call();
  }
}

/** The soft limit in the text of /proc/self/limits; Infinity for unlimited, undefined where there is none in it. */
export function parseSoftLimit(limits: string): number | undefined {
  const word = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits)?.[1];
  if (word === undefined) return undefined;
  return word === 'unlimited' ? Infinity : Number(word);
}

function readSoftLimit(): number {
  try {
    return parseSoftLimit(readFileSync('/proc/self/limits', 'latin1')) ?? ASSUMED_LIMIT;
  } catch {
    return ASSUMED_LIMIT; // no such file but on Linux
  }
}

function countOpen(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return ASSUMED_OPEN;
  }
}
