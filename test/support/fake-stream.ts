// A stream whose peer and whose timing are the test's: nothing happens until it is asked to go on.
import assert from 'node:assert/strict';
import { HoldSet } from '../../src/session/hold-set.ts';
import type {
  Framing,
  HoldReason,
  Ownership,
  Stream,
  StreamListener,
} from '../../src/session/stream.ts';
import { toBytes, toText } from './latin1.ts';
import type { Wire } from './latin1.ts';

type Incoming = { readonly bytes: Uint8Array } | 'end' | { readonly error: string };

/** How a fake stream behaves. */
export interface FakeStreamOptions {
  readonly ownership?: Ownership;
  /** Default: bytes. What the peer takes of datagrams stands in `datagrams`, one by one. */
  readonly framing?: Framing;
  /** More than this much queued makes `write` return false. */
  readonly highWaterMark?: number;
  /** The peer takes everything at once. */
  readonly isEager?: boolean;
}

/** One stream and its peer. Lent bytes are scribbled over when `received` has returned. */
export class FakeStream implements Stream {
  readonly ownership: Ownership;
  readonly framing: Framing;
  readonly descriptor = undefined;
  /** What was asked of it, in order: 'end', 'destroy', 'reset', 'keep-alive'. */
  readonly calls: string[] = [];
  /** Makes the next `write` throw. */
  writeError: Error | undefined;
  readonly #highWaterMark: number;
  readonly #isEager: boolean;
  readonly #holds = new HoldSet();
  readonly #incoming: Incoming[] = [];
  #listener: StreamListener | undefined;
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  #taken: Uint8Array[] = [];
  #owesDrained = false;
  #isEnded = false;
  #isEndTold = false;
  #isDestroyed = false;
  #isClosed = false;

  constructor(options: FakeStreamOptions = {}) {
    this.ownership = options.ownership ?? 'lent';
    this.framing = options.framing ?? 'bytes';
    this.#highWaterMark = options.highWaterMark ?? 65_536;
    this.#isEager = options.isEager ?? true;
    this.#holds.add('no-listener');
  }

  /** Why it is not read. */
  get holds(): readonly HoldReason[] {
    return this.#holds.reasons;
  }

  /** Bytes that were written and that the peer has not taken. */
  get queuedBytes(): number {
    return this.#outgoingBytes;
  }

  /** Bytes that the peer has said and the listener has not heard. */
  get unheardBytes(): number {
    return this.#incoming.reduce(
      (sum, next) => sum + (typeof next === 'object' && 'bytes' in next ? next.bytes.length : 0),
      0,
    );
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the end was asked for and the peer has taken everything before it. */
  get hasPeerSeenEnd(): boolean {
    return this.#isEnded && !this.#isDestroyed && this.#outgoingBytes === 0;
  }

  /** What the peer has taken, one character a byte. */
  get output(): string {
    return this.#taken.map(toText).join('');
  }

  /** What the peer has taken, write by write as long as it takes all that waits. */
  get datagrams(): readonly string[] {
    return this.#taken.map(toText);
  }

  /** The peer says something. */
  says(wire: Wire): this {
    this.#incoming.push({ bytes: toBytes(wire) });
    return this;
  }

  /** The peer sends no more. */
  ends(): this {
    this.#incoming.push('end');
    return this;
  }

  /** The peer breaks the connection: what it said and was not heard is lost. */
  breaks(error = 'ECONNRESET'): this {
    this.#incoming.length = 0;
    this.#incoming.push({ error });
    return this;
  }

  /** Says the next thing that is due to the listener; false if there is none. */
  step(): boolean {
    if (this.#listener === undefined || this.#isClosed) return false;
    if (this.#isDestroyed || (this.#isEndTold && this.hasPeerSeenEnd)) return this.#close();
    return this.#sayDrained(this.#listener) || this.#sayNext(this.#listener);
  }

  /** Says everything that is due. */
  settle(): this {
    for (let steps = 0; this.step(); steps++)
      assert.ok(steps < 100_000, 'it goes round in circles');
    return this;
  }

  /** The peer takes up to this many bytes; how many it took. */
  take(length = Infinity): number {
    let taken = 0;
    while (taken < length) {
      const chunk = this.#outgoing.shift();
      if (chunk === undefined) break;
      const part = chunk.subarray(0, length - taken);
      if (part.length < chunk.length) this.#outgoing.unshift(chunk.subarray(part.length));
      this.#taken.push(part);
      taken += part.length;
    }
    this.#outgoingBytes -= taken;
    return taken;
  }

  listen(listener: StreamListener): void {
    assert.equal(this.#listener, undefined, 'a stream has one listener');
    this.#listener = listener;
    this.#holds.remove('no-listener');
  }

  write(bytes: Uint8Array, ownership: Ownership): boolean {
    const error = this.writeError;
    this.writeError = undefined;
    if (error !== undefined) throw error;
    if (this.#isEnded || this.#isDestroyed || this.#isClosed) return !this.#owesDrained;
    this.#outgoing.push(ownership === 'given' ? bytes : new Uint8Array(bytes));
    this.#outgoingBytes += bytes.length;
    if (this.#isEager) this.take();
    if (this.#outgoingBytes > this.#highWaterMark) this.#owesDrained = true;
    return !this.#owesDrained;
  }

  end(): void {
    this.calls.push('end');
    this.#isEnded = true;
  }

  hold(reason: HoldReason): void {
    this.#holds.add(reason);
  }

  release(reason: HoldReason): void {
    this.#holds.remove(reason);
  }

  destroy(how?: 'reset'): void {
    this.calls.push(how ?? 'destroy');
    this.#isDestroyed = true;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
  }

  keepAlive(): void {
    this.calls.push('keep-alive');
  }

  #sayDrained(listener: StreamListener): boolean {
    if (!this.#owesDrained || this.#outgoingBytes > 0) return false;
    this.#owesDrained = false;
    listener.drained();
    return true;
  }

  #sayNext(listener: StreamListener): boolean {
    const next = this.#incoming[0];
    if (next === undefined) return false;
    if (typeof next === 'object' && 'error' in next) return this.#close(next.error);
    if (this.#holds.isHeld) return false;
    this.#incoming.shift();
    if (next === 'end') {
      this.#isEndTold = true;
      listener.ended();
      return true;
    }
    const bytes = new Uint8Array(next.bytes);
    listener.received(bytes);
    if (this.ownership === 'lent') bytes.fill(0xee);
    return true;
  }

  #close(error?: string): true {
    this.#isClosed = true;
    this.#listener?.closed(error);
    return true;
  }
}
