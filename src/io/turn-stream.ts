// A stream that is written, read on and ended in a turn of the loop of its own. What Node implements in JavaScript and C++
// by turns, such as TLS over a Duplex, calls back in the middle of a call; the callbacks of the driver are none of Node's own,
// and there it would run promise jobs and ticks in the middle of them.

import { HoldSet } from '../session/hold-set.ts';
import type { Behind, HoldReason, Ownership, Stream, StreamListener } from '../session/stream.ts';

const NOT_YET: HoldReason = 'not-yet';
// What waits for a turn is gone in the next one, so this only bounds what one turn may write.
const HIGH_WATER_MARK = 65_536;

/** Another stream, later. */
export class TurnStream implements Stream {
  readonly framing = 'bytes';
  readonly descriptor = undefined;
  readonly #inner: Stream;
  readonly #holds = new HoldSet();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Whether `write` said stop. */
  #isFull = false;
  /** Whether the inner stream has said stop. */
  #isInnerFull = false;
  #isEnding = false;
  #isDestroyed = false;
  #isScheduled = false;
  #listener: StreamListener | undefined;

  constructor(inner: Stream) {
    this.#inner = inner;
    inner.hold(NOT_YET);
  }

  get ownership(): Ownership {
    return this.#inner.ownership;
  }

  get behind(): Behind | undefined {
    return this.#inner.behind;
  }

  listen(listener: StreamListener): void {
    this.#listener = listener;
    this.#inner.listen({
      received: (bytes) => listener.received(bytes),
      ended: () => listener.ended(),
      drained: () => {
        this.#isInnerFull = false;
        this.#hasRoom();
      },
      closed: (error) => {
        this.#isDestroyed = true;
        listener.closed(error);
      },
    });
    this.#schedule();
  }

  write(bytes: Uint8Array, ownership: Ownership): boolean {
    if (this.#isEnding || this.#isDestroyed || bytes.length === 0) return !this.#isFull;
    this.#waiting.push(ownership === 'lent' ? Uint8Array.from(bytes) : bytes);
    this.#waitingBytes += bytes.length;
    if (this.#isInnerFull || this.#waitingBytes > HIGH_WATER_MARK) this.#isFull = true;
    this.#schedule();
    return !this.#isFull;
  }

  end(): void {
    this.#isEnding = true;
    this.#schedule();
  }

  hold(reason: HoldReason): void {
    if (this.#holds.add(reason)) this.#inner.hold(NOT_YET);
  }

  release(reason: HoldReason): void {
    if (this.#holds.remove(reason)) this.#schedule();
  }

  destroy(how?: 'reset'): void {
    this.#isDestroyed = true;
    this.#waiting = [];
    this.#inner.destroy(how);
  }

  keepAlive(): void {
    this.#inner.keepAlive();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isDestroyed) this.#run();
    });
  }

  #run(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const bytes of waiting) if (!this.#inner.write(bytes, 'given')) this.#isInnerFull = true;
    if (this.#isEnding) this.#inner.end();
    if (this.#listener !== undefined && !this.#holds.isHeld) this.#inner.release(NOT_YET);
    this.#hasRoom();
  }

  #hasRoom(): void {
    if (!this.#isFull || this.#isInnerFull || this.#waitingBytes > 0 || this.#isDestroyed) return;
    this.#isFull = false;
    this.#listener?.drained();
  }
}
