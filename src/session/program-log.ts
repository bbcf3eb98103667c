// The error output of an external program, as lines of the log: bounded in length and in rate, whatever it writes.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../proxy/engine.ts';
import { LineReader } from '../proxy/line-reader.ts';
import type { Clock } from './outside.ts';

/** Longer lines are cut: a log line is for reading. */
export const MAX_ERROR_LINE_BYTES = 1_000;

/** More lines are counted and not shown: a program in a loop must not bury the log. */
export const MAX_ERROR_LINES_A_SECOND = 20;

const SECOND_MS = 1_000;

/** Cuts what a program writes into lines and passes on as many as the log should take. */
export class ProgramLog {
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  readonly #lines = new LineReader({
    protocol: 'program',
    side: 'client',
    maxLength: MAX_ERROR_LINE_BYTES,
    lineEnd: 'lf',
    longLines: 'truncate',
    permitNul: true,
  });
  #secondBeganAt = -Infinity;
  #linesThisSecond = 0;
  #suppressed = 0;

  constructor(clock: Clock, write: (line: string) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Takes bytes of the program. */
  take(bytes: Bytes): void {
    let at = 0;
    for (let line; (line = this.#lines.read(bytes, at)) !== undefined; at = this.#lines.next)
      this.#say(Buffer.from(line.bytes).toString('utf8') + (line.isTruncated ? '...' : ''));
  }

  /** Says the last line, if it has no end, and how many were left out. */
  end(): void {
    this.take(Uint8Array.of(LF));
    this.#saySuppressed();
  }

  #say(line: string): void {
    if (line === '') return;
    const now = this.#clock.monotonic();
    if (now - this.#secondBeganAt >= SECOND_MS) {
      this.#saySuppressed();
      this.#secondBeganAt = now;
      this.#linesThisSecond = 0;
    }
    if (this.#linesThisSecond++ < MAX_ERROR_LINES_A_SECOND) this.#write(line);
    else this.#suppressed++;
  }

  #saySuppressed(): void {
    if (this.#suppressed > 0) this.#write(`(${this.#suppressed} more lines)`);
    this.#suppressed = 0;
  }
}

const LF = 10;
