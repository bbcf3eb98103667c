// A file descriptor that lines are written to without ever blocking the process or growing without bound. What finds no
// room is dropped and counted: traffic goes on when the disk is full or the reader of the log has gone.

import sonicBoom from 'sonic-boom';

/** Bytes that may wait for a slow reader: about 5 000 records, a few seconds of a busy gateway. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;

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
}

/** Options of a `BoundedOutput`. */
export interface BoundedOutputOptions {
  readonly maxWaitingBytes?: number;
  /** Told when lines begin to fail, and how many were dropped when they flow again. */
  readonly onChange?: (state: OutputState) => void;
}

/** Writes lines to a descriptor or a file in the background, in order. */
export class BoundedOutput implements LineOutput {
  readonly #boom: sonicBoom.SonicBoom;
  readonly #maxWaitingBytes: number;
  readonly #onChange: (state: OutputState) => void;
  #waiting = 0;
  #dropped = 0;
  #droppedBefore = 0;
  #isFailing = false;
  #willRetry = false;
  #isBetweenAttempts = false;
  readonly #emptied: (() => void)[] = [];

  constructor(destination: number | string, options: BoundedOutputOptions = {}) {
    this.#maxWaitingBytes = options.maxWaitingBytes ?? MAX_WAITING_BYTES;
    this.#onChange = options.onChange ?? ignore;
    this.#boom = new sonicBoom.SonicBoom({
      dest: destination,
      maxLength: this.#maxWaitingBytes,
      sync: false,
      retryEAGAIN: () => (this.#isBetweenAttempts = true),
    });
    this.#boom.on('drop', () => {
      this.#dropped += 1;
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

  /**
   * Whether the system has not answered a write yet, so that a thread of Node stands in it. process.exit() would wait
   * for that thread, for ever if the reader never reads.
   */
  get isBlocked(): boolean {
    return this.#waiting > 0 && !this.#isBetweenAttempts;
  }

  write(line: string): void {
    const dropped = this.#dropped;
    this.#waiting += Buffer.byteLength(line);
    this.#boom.write(line);
    if (this.#dropped > dropped) this.#waiting -= Buffer.byteLength(line);
  }

  /** Waits until everything is written, at most `timeoutMs`; whether it is. */
  flush(timeoutMs: number): Promise<boolean> {
    if (this.#waiting === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#emptied.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #written(bytes: number): void {
    this.#waiting -= bytes;
    this.#isBetweenAttempts = false;
    if (this.#waiting === 0) for (const call of this.#emptied.splice(0)) call();
    // Not at the first byte of room: a reader that is just too slow would otherwise fail and flow at every line.
    if (!this.#isFailing || this.#waiting > this.#maxWaitingBytes / 2) return;
    this.#isFailing = false;
    const dropped = this.#dropped - this.#droppedBefore;
    this.#droppedBefore = this.#dropped;
    this.#onChange({ state: 'flowing', dropped });
  }

  #fail(cause: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#onChange({ state: 'failing', cause });
  }

  /** An empty line of no bytes makes sonic-boom write what waits. */
  #tryAgain(): void {
    this.#willRetry = false;
    this.#boom.write('');
  }
}

function ignore(): void {
  // nobody wants to know
}
