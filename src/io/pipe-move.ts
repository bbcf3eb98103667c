// Bytes that the kernel moves from one socket through a pipe into another (splice(2)): the process never sees them.
// Edge-triggered: each side is tried until it says EAGAIN, and that must be understood, since a full pipe says it too.

import type { Driver } from './driver.ts';
import type { Move, MoveWatcher } from '../session/stream.ts';
import { errorName } from './libc.ts';
import type { Libc } from './libc.ts';
import { EAGAIN, EINTR, SPLICE_F_MOVE, SPLICE_F_NONBLOCK } from './linux-constants.ts';
import type { Pipe, PipePool } from './pipe-pool.ts';

/** The side that bytes come from. */
export interface MoveSource {
  /** Its descriptor. */
  readonly socket: number;
  /** Whether bytes may be taken from it: some may be there, and nobody holds it. */
  readonly mayBeRead: boolean;
  /** It has nothing more now: the next edge tells of more. */
  isEmptied(): void;
  /**
   * The move is over: what comes now is for the listener, who is not told from within. With `end` the peer has ended,
   * or with an error the connection is lost.
   */
  moveIsOver(end?: { readonly error?: string }): void;
}

/** The side that bytes go to. While bytes are in the pipe it writes nothing else. */
export interface MoveTarget {
  /** Its descriptor. */
  readonly socket: number;
  /** Whether the kernel may take more. */
  readonly isWritable: boolean;
  /** Whether bytes wait that were written: nothing more is taken in until they are gone. */
  readonly hasWrittenBytes: boolean;
  /** The kernel takes no more now: the next edge tells when it does. */
  isFilled(): void;
  /** The pipe is empty: what was written meanwhile, and an end, may follow. Said after every turn that leaves it so. */
  pipeIsEmptied(): void;
  /** It is lost. */
  writeFailed(code: string): void;
}

/** What moves have in common. */
export interface MoveRoom {
  readonly libc: Pick<Libc, 'splice' | 'errno'>;
  readonly pipes: Pick<PipePool, 'take' | 'giveBack' | 'discard'>;
  /** Runs tasks once others had their turn, or behind all others. */
  readonly driver: Pick<Driver, 'soon' | 'later'>;
}

// What one move may pass on before others get their turn: two full pipes.
const TURN_BYTES = 2_097_152;

const FLAGS = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

/** One move. `run` does all that can be done now; the streams call it when an edge, a release or a drain lets it go on. */
export class PipeMove implements Move {
  readonly #room: MoveRoom;
  readonly #target: MoveTarget;
  readonly #moved: MoveWatcher;
  /** Gone once the move is over. */
  #source: MoveSource | undefined;
  #pipe: Pipe | undefined;
  #inPipe = 0;
  /** Bytes that the source has not been told of. */
  #untold = 0;
  /** What is in the pipe belongs to the target: it is told already, or nobody is to be told. */
  #isAdopted = false;
  #left: number;
  #end: { readonly error?: string } | undefined;
  #mayBeFull = false;
  #isRunning = false;
  #isQueued = false;
  /** It has had its turn: all others come first. */
  #mustWait = false;

  constructor(
    room: MoveRoom,
    source: MoveSource,
    target: MoveTarget,
    { length, moved }: { readonly length: number; readonly moved: MoveWatcher },
  ) {
    this.#room = room;
    this.#source = source;
    this.#target = target;
    this.#left = length;
    this.#moved = moved;
  }

  /** Whether bytes are in the pipe: the target has no room for them, and may write nothing else. */
  get hasBytes(): boolean {
    return this.#inPipe > 0;
  }

  /** Whether nothing more comes through it. */
  get isDone(): boolean {
    return this.#source === undefined && this.#inPipe === 0;
  }

  stop(): number {
    const source = this.#source;
    if (source === undefined) return 0;
    this.#adopt();
    this.#source = undefined;
    source.moveIsOver();
    return this.#untold;
  }

  /** The target is to be ended: nothing more is taken in, and what is in the pipe counts as moved. */
  cut(): void {
    this.#adopt();
    this.#left = 0;
    this.soon();
  }

  /** The target is gone, and with it what is in the pipe. */
  dropTarget(): void {
    this.cut();
    const pipe = this.#pipe;
    if (this.#inPipe > 0 && pipe !== undefined) {
      this.#pipe = undefined;
      this.#room.pipes.discard(pipe);
    }
    this.#inPipe = 0;
  }

  /** The source is lost: what was taken in goes on as the target's own, once it was told of. */
  loseSource(): void {
    if (this.#source === undefined) return;
    this.#end = {};
    this.#adopt();
    this.soon();
  }

  /** Has it run before long, where it may not run now. */
  soon(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#room.driver.soon(this);
  }

  /** Moves what can be moved now, and tells how much that was. */
  run(): void {
    this.#isQueued = false;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#pass();
    this.#isRunning = false;
    if (this.#inPipe === 0) this.#releasePipe();
    this.#tell();
    if (this.#inPipe === 0) this.#target.pipeIsEmptied();
  }

  #pass(): void {
    if (this.#mustWait) return;
    let turn = TURN_BYTES;
    while (turn > 0) {
      const bytes = this.#giveOut() + this.#takeIn();
      if (bytes === 0) return;
      turn -= bytes;
    }
    this.#mustWait = true;
    const goOn = (): void => {
      this.#mustWait = false;
      this.run();
    };
    this.#room.driver.later({ run: goOn });
  }

  /** Fills the pipe. How many bytes it took: 0 when it must wait, or is at the end. */
  #takeIn(): number {
    const source = this.#source;
    if (source === undefined || !this.#mayTakeIn(source)) return 0;
    const pipe = (this.#pipe ??= this.#room.pipes.take());
    if (pipe === undefined) {
      this.#left = 0; // no pipe is to be had: the source is read again
      return 0;
    }
    const most = Math.min(this.#left, pipe.capacity - this.#inPipe);
    const bytes = this.#splice(source.socket, pipe.writeEnd, most);
    if (bytes > 0) {
      this.#left -= bytes;
      this.#inPipe += bytes;
      return bytes;
    }
    if (bytes === 0) this.#end = {};
    else this.#takeInFailed(source, -bytes);
    return 0;
  }

  #mayTakeIn(source: MoveSource): boolean {
    if (this.#left === 0 || this.#end !== undefined || this.#mayBeFull) return false;
    if (this.#inPipe > 0 && this.#inPipe === this.#pipe?.capacity) return false;
    if (!source.mayBeRead || this.#target.hasWrittenBytes) return false;
    return this.#left > 0; // to look at what was written may have sent it, and lost the target
  }

  #takeInFailed(source: MoveSource, errno: number): void {
    if (errno !== EAGAIN) {
      this.#end = { error: errorName(errno) };
      this.#adopt();
    } else if (this.#inPipe === 0) source.isEmptied();
    else this.#mayBeFull = true; // or there is nothing to read: it is tried again when the pipe has room
  }

  /** Empties the pipe. How many bytes went out: 0 when it must wait, or there is nothing. */
  #giveOut(): number {
    const pipe = this.#pipe;
    if (pipe === undefined || this.#inPipe === 0 || !this.#target.isWritable) return 0;
    const bytes = this.#splice(pipe.readEnd, this.#target.socket, this.#inPipe);
    if (bytes > 0) {
      this.#inPipe -= bytes;
      if (!this.#isAdopted) this.#untold += bytes;
      this.#mayBeFull = false;
      return bytes;
    }
    if (bytes === -EAGAIN) this.#target.isFilled();
    else this.#target.writeFailed(errorName(-bytes));
    return 0;
  }

  /** How many bytes went; 0 at the end of a socket; the negative error number. */
  #splice(from: number, to: number, length: number): number {
    const { libc } = this.#room;
    for (;;) {
      const bytes = libc.splice(from, 0, to, 0, length, FLAGS);
      if (bytes !== -1) return bytes;
      const errno = libc.errno();
      if (errno !== EINTR) return -errno;
    }
  }

  /** What is in the pipe becomes the target's own. */
  #adopt(): void {
    if (this.#isAdopted) return;
    this.#isAdopted = true;
    this.#untold += this.#inPipe;
  }

  /** Tells what was moved, and that the move is over if it is. The watcher may stop it, or end either stream. */
  #tell(): void {
    const source = this.#source;
    if (source === undefined) return;
    const isOver = this.#left === 0 || this.#end !== undefined;
    const isTold = this.#isAdopted || this.#inPipe === 0;
    if (isOver && isTold) this.#source = undefined;
    const bytes = this.#untold;
    this.#untold = 0;
    if (bytes > 0) this.#moved(bytes);
    if (isOver && isTold) source.moveIsOver(this.#end);
  }

  #releasePipe(): void {
    const pipe = this.#pipe;
    if (pipe === undefined) return;
    this.#pipe = undefined;
    this.#room.pipes.giveBack(pipe);
  }
}
