// Two sockets and the pipes between them, as splice(2) shows them: a model of the kernel for moves, whose calls bring as
// much as a test's numbers say.
import { constants } from 'node:os';
import type { Libc } from '../../src/io/libc.ts';
import type { Pipe } from '../../src/io/pipe-pool.ts';
import type { MoveRoom, MoveSource, MoveTarget } from '../../src/io/pipe-move.ts';

const { EAGAIN, EPIPE } = constants.errno;
const SOURCE = 1;
const TARGET = 2;
const CAPACITY = 16;
const SLOTS = 4;

/** What the fake kernel holds: byte values in order. */
type Content = number[];

/** The kernel and the tasks of the driver. */
export class FakeSplice implements MoveRoom {
  /** Segments that have come and were not read. */
  readonly incoming: Content[] = [];
  hasEnded = false;
  resetBy: number | undefined;
  /** What went out. */
  readonly outgoing: Content = [];
  /** What the send buffer of the target still takes. */
  room = 0;
  isBroken = false;
  /** Whether pipes are to be had. */
  hasPipes = true;
  /** Pipes that are taken. */
  taken = 0;
  readonly tasks: { run(): void }[] = [];
  readonly libc: Pick<Libc, 'splice' | 'errno'> = {
    splice: (...[from = 0, , to = 0, , length = 0]) =>
      from === SOURCE ? this.#read(to, length) : this.#write(from, length),
    errno: () => this.#errno,
  };
  readonly pipes: MoveRoom['pipes'] = {
    take: () => this.#take(),
    giveBack: (pipe) => {
      if (this.#pipeOf(pipe.readEnd).length > 0)
        throw new Error('A pipe with bytes was given back');
      this.taken--;
    },
    discard: (pipe) => {
      this.#pipes.delete(pipe.readEnd);
      this.taken--;
    },
  };
  readonly driver = {
    soon: (task: { run(): void }): void => void this.tasks.push(task),
    later: (task: { run(): void }): void => void this.tasks.push(task),
  };
  readonly #pipes = new Map<number, Content[]>();
  readonly #limit: () => number;
  #errno = 0;
  #nextPipe = 10;

  /** `limit` says how much the next call brings at most. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  #take(): Pipe | undefined {
    if (!this.hasPipes) return undefined;
    const readEnd = this.#nextPipe;
    this.#nextPipe += 2;
    this.#pipes.set(readEnd, []);
    this.taken++;
    return { readEnd, writeEnd: readEnd + 1, capacity: CAPACITY };
  }

  #pipeOf(readEnd: number): Content[] {
    const pipe = this.#pipes.get(readEnd);
    if (pipe === undefined) throw new Error('A pipe that is not open was used');
    return pipe;
  }

  #fail(errno: number): number {
    this.#errno = errno;
    return -1;
  }

  /** Each segment takes a slot of the pipe, however short it is. */
  #read(writeEnd: number, length: number): number {
    if (this.resetBy !== undefined) return this.#fail(this.resetBy);
    const pipe = this.#pipeOf(writeEnd - 1);
    if (length <= 0) throw new Error('A splice of nothing');
    if (this.incoming.length === 0) return this.hasEnded ? 0 : this.#fail(EAGAIN);
    let taken = 0;
    const most = Math.min(length, this.#limit(), CAPACITY - pipe.flat().length);
    while (taken < most && pipe.length < SLOTS) {
      const segment = this.incoming[0];
      if (segment === undefined) break;
      const part = segment.splice(0, most - taken);
      if (segment.length === 0) this.incoming.shift();
      pipe.push(part);
      taken += part.length;
    }
    return taken === 0 ? this.#fail(EAGAIN) : taken;
  }

  #write(readEnd: number, length: number): number {
    if (this.isBroken) return this.#fail(EPIPE);
    const pipe = this.#pipeOf(readEnd);
    let given = 0;
    const most = Math.min(length, this.#limit(), this.room);
    while (given < most) {
      const slot = pipe[0];
      if (slot === undefined) throw new Error('More was asked for than the pipe has');
      const part = slot.splice(0, most - given);
      if (slot.length === 0) pipe.shift();
      this.outgoing.push(...part);
      given += part.length;
    }
    this.room -= given;
    return given === 0 ? this.#fail(EAGAIN) : given;
  }
}

/** The source of a move in the fake kernel: it is readable from an edge until it is emptied. */
export class FakeSource implements MoveSource {
  readonly socket: number = SOURCE;
  isReadable = false;
  isHeld = false;
  /** How the move told that it is over. */
  over: { readonly error?: string } | 'go on' | undefined;

  get mayBeRead(): boolean {
    return this.isReadable && !this.isHeld;
  }

  isEmptied(): void {
    this.isReadable = false;
  }

  moveIsOver(end?: { readonly error?: string }): void {
    this.over = end ?? 'go on';
  }
}

/** The target of a move in the fake kernel; what is written to it waits while there are bytes in the pipe. */
export class FakeTarget implements MoveTarget {
  readonly socket = TARGET;
  isWritable = true;
  /** Bytes that were written and wait. */
  readonly written: Content = [];
  failure: string | undefined;
  emptied = 0;

  get hasWrittenBytes(): boolean {
    return this.written.length > 0;
  }

  isFilled(): void {
    this.isWritable = false;
  }

  pipeIsEmptied(): void {
    this.emptied++;
  }

  writeFailed(code: string): void {
    this.failure = code;
  }
}
