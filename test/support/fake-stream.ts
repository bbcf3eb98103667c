// A stream whose peer and whose timing are the test's: nothing happens until it is asked to go on.
import assert from 'node:assert/strict';
import type { Behind } from '../../src/proxy/proxy-event.ts';
import { HoldSet } from '../../src/session/hold-set.ts';
import type {
  Framing,
  HoldReason,
  Move,
  MoveWatcher,
  Ownership,
  RestingStream,
  Stream,
  StreamListener,
  StreamSleeper,
} from '../../src/session/stream.ts';
import { FakeMove } from './fake-move.ts';
import { toBytes, toText } from './latin1.ts';
import type { Wire } from './latin1.ts';

interface Outgoing {
  readonly bytes: Uint8Array;
  /** The move that brought it. */
  readonly move?: FakeMove;
}

type Incoming = { readonly bytes: Uint8Array } | 'end' | { readonly error: string | undefined };

/** How a fake stream behaves. */
export interface FakeStreamOptions {
  readonly ownership?: Ownership;
  /** Default: bytes. What the peer takes of datagrams stands in `datagrams`, one by one. */
  readonly framing?: Framing;
  /** Default: false. */
  readonly gathers?: boolean;
  /** More than this much queued makes `write` return false. */
  readonly highWaterMark?: number;
  /** The peer takes everything at once. */
  readonly isEager?: boolean;
  /** Whether it can rest. Default: true. */
  readonly rests?: boolean;
  /** Whether it can move bytes to another fake stream. Default: false. */
  readonly moves?: boolean;
}

/** One stream and its peer. Lent bytes are scribbled over when `received` has returned. */
export class FakeStream implements Stream {
  readonly ownership: Ownership;
  readonly framing: Framing;
  readonly gathers: boolean;
  readonly descriptor = undefined;
  /** What was asked of it, in order: 'end', 'destroy', 'reset', 'keep-alive'. */
  readonly calls: string[] = [];
  /** Whether the last `unlisten` was one that leaves what is unread to the next listener. */
  leavesUnread = false;
  /** What it says of more behind its bytes. */
  behind: Behind | undefined;
  /** Makes the next `write` throw. */
  writeError: Error | undefined;
  readonly #highWaterMark: number;
  readonly #isEager: boolean;
  readonly #moves: boolean;
  readonly #rests: boolean;
  readonly #holds = new HoldSet();
  readonly #incoming: Incoming[] = [];
  #listener: StreamListener | undefined;
  #sleeper: StreamSleeper | undefined;
  #outgoing: Outgoing[] = [];
  #outgoingBytes = 0;
  #taken: Uint8Array[] = [];
  #owesDrained = false;
  #isEnded = false;
  #isEndTold = false;
  #isDestroyed = false;
  #isClosed = false;
  /** What it moves, and where. */
  #move: { readonly way: FakeMove; readonly target: FakeStream } | undefined;
  /** What is moved into it. */
  #moveIn: FakeMove | undefined;
  #movedBytes = 0;

  constructor(options: FakeStreamOptions = {}) {
    this.ownership = options.ownership ?? 'lent';
    this.framing = options.framing ?? 'bytes';
    this.gathers = options.gathers === true;
    this.#highWaterMark = options.highWaterMark ?? 65_536;
    this.#isEager = options.isEager ?? true;
    this.#moves = options.moves ?? false;
    this.#rests = options.rests ?? true;
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

  /** Whether it rests. */
  get isAtRest(): boolean {
    return this.#sleeper !== undefined;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that were moved out of it. */
  get movedBytes(): number {
    return this.#movedBytes;
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

  /** The peer is gone without a word, as who has the other end of a link in memory may be. */
  vanishes(): this {
    this.#incoming.length = 0;
    this.#incoming.push({ error: undefined });
    return this;
  }

  /** Says the next thing that is due to the listener; false if there is none. */
  step(): boolean {
    if (this.#incoming.length > 0) this.#sleeper?.stirs();
    if (this.#listener === undefined || this.#isClosed) return false;
    if (this.#isDestroyed || (this.#isEndTold && this.hasPeerSeenEnd)) return this.#close();
    if (this.#sayDrained(this.#listener)) return true;
    return this.#move === undefined ? this.#sayNext(this.#listener) : this.#stepMove(this.#move);
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
      const next = this.#outgoing.shift();
      if (next === undefined) break;
      const part = next.bytes.subarray(0, length - taken);
      if (part.length < next.bytes.length)
        this.#outgoing.unshift({ ...next, bytes: next.bytes.subarray(part.length) });
      this.#taken.push(part);
      next.move?.goesOut(part.length);
      taken += part.length;
    }
    this.#outgoingBytes -= taken;
    return taken;
  }

  /** As a real one: only while it is quiet. */
  unlisten(unread?: 'left'): boolean {
    this.leavesUnread = unread === 'left';
    const isBusy = this.#incoming.length > 0 || this.#outgoingBytes > 0 || this.#move !== undefined;
    const isOver = this.#isEnded || this.#isEndTold || this.#isDestroyed || this.#isClosed;
    if (isBusy || isOver || this.#owesDrained || this.#holds.isHeld) return false;
    this.#listener = undefined;
    this.#holds.add('no-listener');
    return true;
  }

  /** As a real one: what is left of it. It is the same object that wakes. */
  rest(sleeper: StreamSleeper): RestingStream | undefined {
    if (!this.#rests || !this.unlisten()) return undefined;
    this.#sleeper = sleeper;
    return {
      wake: () => {
        assert.equal(this.#sleeper, sleeper, 'a stream is woken once');
        this.#sleeper = undefined;
        return this;
      },
    };
  }

  listen(listener: StreamListener): void {
    assert.equal(this.#sleeper, undefined, 'a stream at rest is woken first');
    assert.equal(this.#listener, undefined, 'a stream has one listener');
    this.#listener = listener;
    this.#holds.remove('no-listener');
  }

  write(bytes: Uint8Array, ownership: Ownership): boolean {
    const error = this.writeError;
    this.writeError = undefined;
    if (error !== undefined) throw error;
    if (this.#isEnded || this.#isDestroyed || this.#isClosed) return !this.#owesDrained;
    this.#queue({ bytes: ownership === 'given' ? bytes : new Uint8Array(bytes) });
    if (ownership === 'left') bytes.fill(0xee); // nobody may look at them any more
    if (this.#outgoingBytes > this.#highWaterMark) this.#owesDrained = true;
    return !this.#owesDrained;
  }

  end(): void {
    this.calls.push('end');
    this.#isEnded = true;
    this.#moveIn?.cut();
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
    this.#moveIn?.cut();
    this.#move?.way.stop();
  }

  keepAlive(): void {
    this.calls.push('keep-alive');
  }

  moveTo(target: Stream, length: number, moved: MoveWatcher): Move | undefined {
    if (!this.#moves || !(target instanceof FakeStream) || !target.#isFreeFor(this))
      return undefined;
    const way = new FakeMove(length, moved);
    this.#move = { way, target };
    target.#moveIn = way;
    return way;
  }

  #isFreeFor(source: FakeStream): boolean {
    const isOpen = !this.#isEnded && !this.#isDestroyed && !this.#isClosed;
    return isOpen && this !== source && this.#moveIn?.isOver !== false;
  }

  #queue(next: Outgoing): void {
    this.#outgoing.push(next);
    this.#outgoingBytes += next.bytes.length;
    if (this.#isEager) this.take();
  }

  /** Tells what was moved, or takes more in; once the move is over, says what comes next. */
  #stepMove({ way, target }: { readonly way: FakeMove; readonly target: FakeStream }): boolean {
    const next = this.#incoming[0] ?? 'nothing';
    const isLost = typeof next === 'object' && 'error' in next;
    if (isLost) way.cut();
    if (next === 'end') way.finish();
    if (way.tell()) return true;
    if (way.isOver) {
      this.#move = undefined;
      return this.step();
    }
    if (typeof next !== 'object' || isLost || !this.#mayMove(way, target)) return false;
    this.#takeIn(next.bytes, way, target);
    return true;
  }

  #mayMove(way: FakeMove, target: FakeStream): boolean {
    const hasRoom = target.#outgoingBytes <= target.#highWaterMark && !target.#hasWrittenBytes;
    return hasRoom && way.left > 0 && !this.#holds.isHeld;
  }

  /** Whether bytes wait that were written, and not moved. */
  get #hasWrittenBytes(): boolean {
    return this.#outgoing.some(({ move }) => move === undefined);
  }

  #takeIn(bytes: Uint8Array, way: FakeMove, target: FakeStream): void {
    const part = bytes.subarray(0, way.left);
    if (part.length < bytes.length) this.#incoming[0] = { bytes: bytes.subarray(part.length) };
    else this.#incoming.shift();
    this.#movedBytes += part.length;
    way.takeIn(part.length);
    target.#queue({ bytes: part, move: way });
  }

  #sayDrained(listener: StreamListener): boolean {
    if (!this.#owesDrained || this.#hasWrittenBytes) return false;
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
    this.#moveIn?.cut();
    this.#listener?.closed(error);
    return true;
  }
}
