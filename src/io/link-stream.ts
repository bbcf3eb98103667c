// Two Streams joined in memory: what stands between a proxy and the one stacked under it.

import { HoldSet } from '../session/hold-set.ts';
import type { HoldReason, Ownership, Stream, StreamListener } from '../session/stream.ts';

const NO_LISTENER: HoldReason = 'no-listener';

/**
 * Makes two streams; what is written to one comes out of the other. More than `highWaterMark` bytes queued make `write`
 * return false. Bytes go straight to the far listener, uncopied, when it is ready and nothing is queued. A stream never
 * calls its own listener from within a call of its own methods, so what comes back meanwhile is queued and follows
 * in a microtask. `destroy` of one end closes the other one: with 'ECONNRESET' if bytes were lost or for a reset.
 */
export function linkPair(highWaterMark: number): readonly [Stream, Stream] {
  const one: LinkEnd = new LinkEnd(highWaterMark, () => other);
  const other: LinkEnd = new LinkEnd(highWaterMark, () => one);
  return [one, other];
}

type Incoming = 'open' | 'ending' | 'ended';
type Life = 'open' | 'closing' | 'closed';

/** One end. Its inbox holds what the far end wrote and its own listener has not taken yet. */
class LinkEnd implements Stream {
  readonly ownership: Ownership = 'lent';
  readonly framing = 'bytes';
  readonly descriptor = undefined;

  readonly #highWaterMark: number;
  readonly #far: () => LinkEnd;
  readonly #holds = new HoldSet();
  #listener: StreamListener | undefined;
  #inbox = new ChunkQueue();
  #incoming: Incoming = 'open';
  #life: Life = 'open';
  #error: string | undefined;
  #callsUnderWay = 0; // of this stream's methods, and of its listener's `received`
  #owesDrained = false;
  #isScheduled = false;

  constructor(highWaterMark: number, far: () => LinkEnd) {
    this.#highWaterMark = highWaterMark;
    this.#far = far;
    this.#holds.add(NO_LISTENER);
  }

  listen(listener: StreamListener): void {
    if (this.#listener !== undefined) throw new Error('A stream has one listener, set once');
    this.#listener = listener;
    this.#holds.remove(NO_LISTENER);
    this.#schedule();
  }

  /** What was written is the far end's, in order: it need not have been heard there. */
  unlisten(): boolean {
    const isAlive = this.#life === 'open' && this.#incoming === 'open';
    const isQuiet = this.#inbox.isEmpty && !this.#holds.isHeld && !this.#owesDrained;
    if (!isAlive || !isQuiet || this.#far().#incoming !== 'open') return false;
    this.#listener = undefined;
    this.#holds.add(NO_LISTENER);
    return true;
  }

  write(bytes: Uint8Array, ownership: Ownership): boolean {
    const far = this.#far();
    if (this.#life !== 'open' || far.#incoming !== 'open' || bytes.length === 0) {
      return !this.#owesDrained;
    }
    this.#callsUnderWay++;
    try {
      far.#take(bytes, ownership);
    } finally {
      this.#callsUnderWay--;
    }
    if (far.#inbox.byteLength > this.#highWaterMark) this.#owesDrained = true;
    return !this.#owesDrained;
  }

  end(): void {
    const far = this.#far();
    if (this.#life !== 'open' || far.#incoming !== 'open') return;
    far.#incoming = 'ending';
    far.#schedule();
  }

  hold(reason: HoldReason): void {
    this.#holds.add(reason);
  }

  release(reason: HoldReason): void {
    if (this.#holds.remove(reason)) this.#schedule();
  }

  destroy(how?: 'reset'): void {
    if (this.#life !== 'open') return;
    const far = this.#far();
    const isLossy = this.#inbox.byteLength + far.#inbox.byteLength > 0;
    this.#close(undefined);
    far.#close(isLossy || how === 'reset' ? 'ECONNRESET' : undefined);
  }

  keepAlive(): void {
    // No connection that could die unseen.
  }

  /** Takes bytes of the far end: to the listener if nothing stands in between, otherwise into the inbox. */
  #take(bytes: Uint8Array, ownership: Ownership): void {
    if (this.#inbox.isEmpty && this.#callsUnderWay === 0 && this.#mayReceive()) {
      this.#deliver(bytes);
      return;
    }
    this.#inbox.push(ownership === 'lent' ? Uint8Array.from(bytes) : bytes);
    this.#schedule();
  }

  #mayReceive(): boolean {
    return this.#life === 'open' && !this.#holds.isHeld;
  }

  #deliver(bytes: Uint8Array): void {
    this.#callsUnderWay++;
    try {
      this.#listener?.received(bytes);
    } finally {
      this.#callsUnderWay--;
    }
  }

  #close(error: string | undefined): void {
    this.#life = 'closing';
    this.#error = error;
    this.#inbox = new ChunkQueue();
    this.#schedule();
  }

  /** Says what is due in a microtask, once the call that made it due has returned to the event loop. */
  #schedule(): void {
    if (this.#isScheduled || this.#listener === undefined) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (this.#listener !== undefined) this.#sayWhatIsDue();
    });
  }

  #sayWhatIsDue(): void {
    this.#emptyInbox();
    this.#far().#sayDrained();
    this.#sayDrained();
    this.#sayEnded();
    this.#sayClosed();
  }

  /** Delivers what waits now. What is queued meanwhile is delivered in the microtask that it scheduled. */
  #emptyInbox(): void {
    for (let count = this.#inbox.length; count > 0 && this.#mayReceive(); count--) {
      this.#deliver(this.#inbox.shift());
    }
  }

  #sayDrained(): void {
    if (!this.#owesDrained || this.#life !== 'open' || !this.#far().#inbox.isEmpty) return;
    if (this.#listener === undefined) return;
    this.#owesDrained = false;
    this.#listener.drained();
  }

  #sayEnded(): void {
    if (this.#incoming !== 'ending' || !this.#inbox.isEmpty || !this.#mayReceive()) return;
    this.#incoming = 'ended';
    this.#listener?.ended();
    const far = this.#far();
    if (this.#life !== 'open' || far.#incoming !== 'ended') return;
    this.#close(undefined);
    far.#close(undefined);
  }

  #sayClosed(): void {
    if (this.#life !== 'closing') return;
    this.#life = 'closed';
    this.#listener?.closed(this.#error);
  }
}

const EMPTY = new Uint8Array();
const WORTH_MOVING = 64; // taken places before the rest is moved down; below that, moving costs more than it frees

/** A queue of byte chunks. Taking one from a long queue costs no more than from a short one. */
class ChunkQueue {
  #chunks: Uint8Array[] = [];
  #taken = 0;
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  get length(): number {
    return this.#chunks.length - this.#taken;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#byteLength += chunk.length;
  }

  /** The oldest chunk; an empty one when there is none. */
  shift(): Uint8Array {
    const chunk = this.#chunks[this.#taken] ?? EMPTY;
    if (chunk === EMPTY) return EMPTY;
    this.#chunks[this.#taken++] = EMPTY;
    this.#byteLength -= chunk.length;
    if (this.#taken === this.#chunks.length || this.#taken >= WORTH_MOVING) this.#moveDown();
    return chunk;
  }

  #moveDown(): void {
    if (this.#taken * 2 < this.#chunks.length) return; // so each chunk is moved once on average
    this.#chunks = this.#chunks.slice(this.#taken);
    this.#taken = 0;
  }
}
