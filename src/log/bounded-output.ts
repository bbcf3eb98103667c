// A file descriptor that lines are written to without ever blocking the process or growing without bound. What finds no
// room is dropped and counted: traffic goes on when the disk is full or the reader of the log has gone.

import sonicBoom from 'sonic-boom';
import { LineBytes } from './line-bytes.ts';

/** Bytes that may wait for a slow reader: about 5 000 records, a few seconds of a busy gateway. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** Lines are gathered for so long, or until they are so many bytes: every write wakes a thread of Node's pool. */
const GATHER_MS = 50;
const GATHER_BYTES = 262_144;
/** For the last line of those that are enough; longer ones make room. */
const GATHER_ROOM = 8192;

/** After an error the next attempt, if no line comes first: a full disk is not emptied sooner. */
const RETRY_MS = 1000;

/** Whether lines get out: `failing` from the first error or dropped line on, until there is room again. */
export type OutputState =
  | { readonly state: 'failing'; readonly cause: string }
  | { readonly state: 'flowing'; readonly dropped: number };

/** Where finished lines go. Never throws and never blocks. */
export interface LineOutput {
  /** Writes one line; it has its newline. */
  write(line: string): void;
  /** Begins a line whose bytes are added to what is returned; one that was begun and not ended is dropped. */
  begin(): LineBytes;
  /** Ends the line that was begun last; it has its newline. */
  end(): void;
}

/** sonic-boom as it is with bytes. */
interface ByteBoom extends Pick<sonicBoom.SonicBoom, 'on'> {
  write(bytes: Uint8Array): boolean;
}

const NO_BYTES = new Uint8Array();

/** Options of a `BoundedOutput`. */
export interface BoundedOutputOptions {
  readonly maxWaitingBytes?: number;
  /** 0 writes every line at once; default: `GATHER_MS`. */
  readonly gatherMs?: number;
  /** Told when lines begin to fail, and how many were dropped when they flow again. */
  readonly onChange?: (state: OutputState) => void;
}

/** Lines that were handed over together. */
interface Batch {
  readonly lines: number;
  /** Those that the system has not taken. */
  bytes: number;
}

/** Writes lines to a descriptor or a file in the background, in order. */
export class BoundedOutput implements LineOutput {
  readonly #boom: ByteBoom;
  readonly #maxWaitingBytes: number;
  readonly #gatherMs: number;
  readonly #onChange: (state: OutputState) => void;
  #waiting = 0;
  /** What was handed over and is not written whole, first to last: each has a line at least of those that may wait. */
  readonly #batches: Batch[] = [];
  #dropped = 0;
  #droppedBefore = 0;
  #isFailing = false;
  #willRetry = false;
  #isBetweenAttempts = false;
  readonly #emptied: (() => void)[] = [];
  /** Lines are gathered in one while those in the other are written. */
  #gathered = new LineBytes(GATHER_BYTES + GATHER_ROOM);
  #other = new LineBytes(GATHER_BYTES + GATHER_ROOM);
  /** Those of whole lines. */
  #gatheredBytes = 0;
  #gatheredLines = 0;
  #gatherTimer: NodeJS.Timeout | undefined;

  constructor(destination: number | string, options: BoundedOutputOptions = {}) {
    this.#maxWaitingBytes = options.maxWaitingBytes ?? MAX_WAITING_BYTES;
    this.#gatherMs = options.gatherMs ?? GATHER_MS;
    this.#onChange = options.onChange ?? ignore;
    this.#boom = new sonicBoom.SonicBoom({
      dest: destination,
      maxLength: this.#maxWaitingBytes,
      sync: false,
      contentMode: 'buffer', // with strings it would turn each into bytes twice
      retryEAGAIN: () => (this.#isBetweenAttempts = true),
    }) as unknown as ByteBoom; // its types know of strings only
    this.#boom.on('drop', () => {
      this.#dropped += this.#gatheredLines;
      this.#fail('the reader is too slow');
    });
    this.#boom.on('error', (error: NodeJS.ErrnoException) => {
      this.#fail(error.code ?? error.message);
      this.#isBetweenAttempts = true;
      if (this.#willRetry) return;
      this.#willRetry = true;
      setTimeout(() => this.#tryAgain(), RETRY_MS).unref();
    });
    this.#boom.on('write', (bytes: number) => this.#written(bytes));
  }

  /** Lines that were dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Lines that still wait to be written; of those that were handed over together all count until the last is. */
  get unwritten(): number {
    return this.#batches.reduce((sum, { lines }) => sum + lines, this.#gatheredLines);
  }

  /**
   * Whether the system has not answered a write yet, so that a thread of Node stands in it. process.exit() would wait
   * for that thread, for ever if the reader never reads.
   */
  get isBlocked(): boolean {
    return this.#waiting > 0 && !this.#isBetweenAttempts;
  }

  write(line: string): void {
    this.begin().text(line);
    this.end();
  }

  begin(): LineBytes {
    this.#gathered.cut(this.#gatheredBytes);
    return this.#gathered;
  }

  end(): void {
    this.#gatheredBytes = this.#gathered.length;
    this.#gatheredLines += 1;
    const isEnough = this.#gatherMs === 0 || this.#gatheredBytes >= GATHER_BYTES;
    if (isEnough) this.#handOver();
    else if (this.#gatherTimer === undefined) this.#handOverSoon();
  }

  #handOverSoon(): void {
    this.#gatherTimer = setTimeout(() => this.#handOver(), this.#gatherMs).unref();
  }

  /** Waits until everything is written, at most `timeoutMs`; whether it is. */
  flush(timeoutMs: number): Promise<boolean> {
    this.#handOver();
    if (this.#waiting === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#emptied.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  /** Writes what was gathered; if it finds no room, all its lines are dropped. What has to wait for others is copied. */
  #handOver(): void {
    clearTimeout(this.#gatherTimer);
    this.#gatherTimer = undefined;
    if (this.#gatheredLines === 0) return;
    const dropped = this.#dropped;
    const gathered = this.#gathered;
    const isNext = this.#waiting === 0;
    const bytes = isNext ? gathered.view(this.#gatheredBytes) : gathered.copy(this.#gatheredBytes);
    this.#waiting += bytes.length;
    this.#boom.write(bytes);
    if (this.#dropped > dropped) this.#waiting -= bytes.length;
    else this.#batches.push({ lines: this.#gatheredLines, bytes: bytes.length });
    if (isNext) {
      this.#gathered = this.#other;
      this.#other = gathered;
    }
    this.#gathered.cut(0);
    this.#gatheredBytes = 0;
    this.#gatheredLines = 0;
  }

  #written(bytes: number): void {
    this.#waiting -= bytes;
    this.#isBetweenAttempts = false;
    this.#takeFromBatches(bytes);
    if (this.#waiting === 0) for (const call of this.#emptied.splice(0)) call();
    // Not at the first byte of room: a reader that is just too slow would otherwise fail and flow at every line.
    if (!this.#isFailing || this.#waiting > this.#maxWaitingBytes / 2) return;
    this.#isFailing = false;
    const dropped = this.#dropped - this.#droppedBefore;
    this.#droppedBefore = this.#dropped;
    this.#onChange({ state: 'flowing', dropped });
  }

  #takeFromBatches(bytes: number): void {
    let left = bytes;
    for (let [first] = this.#batches; first !== undefined && left > 0; [first] = this.#batches) {
      const taken = Math.min(left, first.bytes);
      first.bytes -= taken;
      left -= taken;
      if (first.bytes === 0) this.#batches.shift();
    }
  }

  #fail(cause: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#onChange({ state: 'failing', cause });
  }

  /** No bytes make sonic-boom write what waits. */
  #tryAgain(): void {
    this.#willRetry = false;
    this.#boom.write(NO_BYTES);
  }
}

function ignore(): void {
  // nobody wants to know
}
