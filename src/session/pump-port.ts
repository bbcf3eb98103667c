// One port of a pump: a stream, what waits to be delivered from it, its relay, and who is held until it drains.

import type { Bytes, Port, ProxyEvent } from '../proxy/engine.ts';
import { countMoved } from './relay.ts';
import type { RelayPort, RunningRelay } from './relay.ts';
import type { Ownership, RestingStream, Stream, StreamListener, StreamSleeper } from './stream.ts';

/** What a port tells its pump. */
export interface PortOwner {
  portReceived(port: PumpPort, bytes: Bytes): void;
  portEnded(): void;
  portDrained(): void;
  /** The kernel has moved bytes of this port's relay. */
  portMoved(port: PumpPort): void;
  portClosed(port: PumpPort): void;
}

/** What an engine hears of an end. */
export type EndEvent = Extract<ProxyEvent, { type: 'ended' }>;

/**
 * How far the end of a port is, and nothing goes back: nothing of it yet; the peer has ended, which is told when all
 * that came before is delivered; its relay was cut short, and the end follows; the engine knows it.
 */
type EndState = 'awaited' | 'come' | 'relay-cut' | 'told';

/** One port of a pump; the stream calls the listener's methods. */
export class PumpPort implements StreamListener, RelayPort {
  readonly name: Port;
  /** Another one after a rest. */
  stream: Stream;
  /** The stream is gone. */
  isClosed = false;
  /** The engine hears no more of this port. */
  isLeaving = false;
  receivedBytes = 0;
  sentBytes = 0;
  /** Bytes that came with those that are being handled have still to be delivered. */
  hasRest = false;
  /** TLS was put on it in the middle of its conversation. */
  isSecured = false;
  readonly #owner: PortOwner;
  readonly #maxDiscardedBytes: number;
  /** Bytes that came when they could not be delivered: few chunks, since the stream is held while there are any. */
  #pending: Bytes[] | undefined;
  /** Ports that are held until this one drains. */
  #feeders: Set<RelayPort> | undefined;
  #relay: RunningRelay | undefined;
  #discardedBytes = 0;
  #isHeldByEngine = false;
  #isSendingEnded = false;
  #end: EndState = 'awaited';
  /** Why the stream is gone, if that was no proper end and the engine does not know it yet. */
  #loss: string | undefined;

  /** `maxDiscardedBytes`: how much the peer may still send once its engine hears no more of it. */
  constructor(name: Port, stream: Stream, owner: PortOwner, maxDiscardedBytes = Infinity) {
    this.name = name;
    this.stream = stream;
    this.#owner = owner;
    this.#maxDiscardedBytes = maxDiscardedBytes;
  }

  /** The relay that runs from this port. */
  get relay(): RunningRelay | undefined {
    return this.#relay;
  }

  /** Whether bytes of this port can go anywhere: into a relay, or to an engine that did not ask to hold them. */
  get isOpen(): boolean {
    return this.#relay !== undefined || !this.#isHeldByEngine;
  }

  /** Whether anything waits to be delivered. */
  get hasPending(): boolean {
    return this.#pending !== undefined;
  }

  /** Whether the stream is gone without a proper end, and the engine does not know it yet. */
  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  /** Whether the engine has been told of the end. */
  get isEndTold(): boolean {
    return this.#end === 'told';
  }

  /** Whether the engine must be told of the end now. A loss overtakes bytes that wait. */
  get isEndDue(): boolean {
    if (this.#loss !== undefined) return true;
    if (this.#end === 'told' || this.hasPending) return false;
    return this.#end !== 'awaited' || this.isClosed;
  }

  /** Whether nobody reads what its peer sends, or the relay that takes it has no room. */
  get isStuck(): boolean {
    return !this.isOpen || this.hasPending || this.#relay?.move?.hasBytes === true;
  }

  /** Whether the kernel has taken in bytes for another port that have no room there. */
  isStuckBefore(target: PumpPort): boolean {
    return this.#relay?.target === target && this.#relay.move?.hasBytes === true;
  }

  /** Whether another port is held until this one drains. */
  holdsBack(feeder: RelayPort): boolean {
    return this.#feeders?.has(feeder) === true;
  }

  /** Sends bytes; if this port is full now, `feeder` is held until it drains. */
  send(bytes: Bytes, ownership: Ownership, feeder: RelayPort | undefined): void {
    if (this.isClosed || this.isLeaving || this.#isSendingEnded) return;
    this.sentBytes += bytes.length;
    if (this.stream.write(bytes, ownership) || feeder === undefined) return;
    (this.#feeders ??= new Set()).add(feeder);
    feeder.hold(`full:${this.name}`);
  }

  /** What was moved for a stream that is gone is lost with it, as what is sent to it is. */
  countMoved(bytes: number): void {
    if (!this.isClosed) this.sentBytes += bytes;
  }

  /** Ends the sending direction after what was sent. */
  end(): void {
    this.#isSendingEnded = true;
    if (!this.isClosed) this.stream.end();
  }

  /** Keeps bytes that have just come and cannot be delivered now. */
  keep(bytes: Bytes): void {
    (this.#pending ??= []).push(this.stream.ownership === 'lent' ? Buffer.from(bytes) : bytes);
    this.hold('pending');
  }

  /** Keeps the rest of bytes that were being delivered: they go before all that came since. */
  keepFirst(bytes: Bytes, ownership: Ownership): void {
    (this.#pending ??= []).unshift(ownership === 'lent' ? Buffer.from(bytes) : bytes);
    this.hold('pending');
  }

  /** The next bytes that wait and may be delivered. */
  takePending(): Bytes | undefined {
    if (this.#loss !== undefined || !this.isOpen) return undefined;
    const bytes = this.#pending?.shift();
    if (this.#pending?.length === 0) {
      this.#pending = undefined;
      this.release('pending');
    }
    return bytes;
  }

  /** What the engine hears of bytes that come now. */
  receivedEvent(bytes: Bytes): ProxyEvent {
    const behind = this.#pending === undefined ? this.stream.behind : 'more';
    if (behind === undefined) return { type: 'received', from: this.name, bytes };
    return { type: 'received', from: this.name, bytes, behind };
  }

  /** The relay that the end cuts short, once: then the end itself follows, whatever its engine does. */
  cutRelay(): RunningRelay | undefined {
    const isFirst = this.#end === 'awaited' || this.#end === 'come';
    const relay = isFirst ? this.#relay : undefined;
    if (isFirst) this.#end = 'relay-cut';
    this.#relay = undefined;
    return relay;
  }

  /** The end that is due. */
  takeEnd(): EndEvent {
    const error = this.#loss;
    this.#loss = undefined;
    this.#end = 'told';
    this.#relay = undefined;
    if (error === undefined) return { type: 'ended', from: this.name };
    this.#pending = undefined;
    return { type: 'ended', from: this.name, error };
  }

  /** Begins a relay from this port, also while its engine holds it. */
  startRelay(relay: RunningRelay): void {
    this.#dropRelay();
    this.#relay = relay;
    this.updateHold();
  }

  /** Lets the kernel move the rest of the relay, where it can: all that came before must have been delivered. */
  moveRelay(): void {
    const relay = this.#relay;
    if (relay?.target === undefined || this.hasPending || this.isClosed) return;
    relay.move = this.stream.moveTo?.(relay.target.stream, relay.remaining, (bytes) => {
      this.#count(relay, bytes);
      this.#owner.portMoved(this);
    });
  }

  #count(relay: RunningRelay, bytes: number): void {
    this.receivedBytes += bytes;
    countMoved(relay, bytes);
  }

  /** Ends a relay before its time: what the kernel has taken in for it still belongs to it. */
  #dropRelay(): void {
    const relay = this.#relay;
    if (relay?.move !== undefined) this.#count(relay, relay.move.stop());
    this.#relay = undefined;
  }

  /** Ends the relay; a hold of the engine counts again, from `updateHold` on. */
  endRelay(): void {
    this.#relay = undefined;
  }

  /** Ends a relay to a port that was disconnected: what still comes is for the engine. */
  stopRelayTo(port: PumpPort): void {
    if (this.#relay?.target !== port) return;
    this.#dropRelay();
    this.updateHold();
  }

  /** Holds the port for its engine; a relay goes on all the same. */
  holdForEngine(): void {
    this.#isHeldByEngine = true;
    this.updateHold();
  }

  /** Its engine takes bytes again. */
  releaseForEngine(): void {
    this.#isHeldByEngine = false;
    this.updateHold();
  }

  /** Brings the stream's hold in line with `isOpen`. */
  updateHold(): void {
    if (this.isOpen) this.release('engine');
    else this.hold('engine');
  }

  /** Holds the port while the engine waits for a promise. */
  holdForWait(): void {
    this.hold('waiting');
  }

  /** The engine has its answer. */
  releaseForWait(): void {
    this.release('waiting');
  }

  /** Whether nothing is due here, in either direction. */
  #isQuiet(): boolean {
    const isDue = this.isEndDue || this.isEndTold || this.hasPending || this.hasRest;
    const isBusy = this.#relay !== undefined || this.#isSendingEnded || this.#isHeldByEngine;
    return !isDue && !isBusy;
  }

  /** Puts a quiet stream to rest; undefined, and nothing has changed, if anything is still due here. */
  rest(sleeper: StreamSleeper): RestingStream | undefined {
    const mayRest = this.#isQuiet() && !this.isSecured && !this.isLeaving;
    return mayRest ? this.stream.rest?.(sleeper) : undefined;
  }

  /** Takes its stream back. */
  wake(resting: RestingStream): void {
    this.stream = resting.wake();
    this.stream.listen(this);
  }

  /**
   * Leaves a quiet stream to somebody else; false, and nothing has changed, if anything is still due here. `unread`:
   * see Stream.
   */
  detach(unread?: 'left'): boolean {
    if (!this.#isQuiet() || this.stream.unlisten?.(unread) !== true) return false;
    this.isLeaving = true;
    this.#releaseFeeders();
    return true;
  }

  /** Leaves the engine: it hears no more of this port, and nobody is held for it. */
  leave(): void {
    this.isLeaving = true;
    this.#releaseFeeders();
    this.#pending = undefined;
    this.#dropRelay();
    // It is read on, and what comes is discarded: unread, it would keep the stream from saying that it has ended.
    for (const reason of ['pending', 'engine', 'waiting']) this.release(reason);
  }

  received(bytes: Bytes): void {
    this.receivedBytes += bytes.length;
    if (this.isLeaving) {
      this.#discard(bytes.length);
      return;
    }
    this.#owner.portReceived(this, bytes);
  }

  /** A peer that goes on sending into the end of a session is cut off, before it costs more than it may. */
  #discard(length: number): void {
    this.#discardedBytes += length;
    if (this.#discardedBytes > this.#maxDiscardedBytes) this.stream.destroy('reset');
  }

  ended(): void {
    if (this.#end === 'awaited') this.#end = 'come';
    this.#owner.portEnded();
  }

  drained(): void {
    this.#releaseFeeders();
    this.#owner.portDrained();
  }

  closed(error?: string): void {
    this.isClosed = true;
    this.#loss = error;
    this.#releaseFeeders();
    this.#owner.portClosed(this);
  }

  #releaseFeeders(): void {
    const feeders = this.#feeders;
    if (feeders === undefined) return;
    this.#feeders = undefined;
    for (const feeder of feeders) feeder.release(`full:${this.name}`);
  }

  hold(reason: string): void {
    if (!this.isClosed) this.stream.hold(reason);
  }

  release(reason: string): void {
    if (!this.isClosed) this.stream.release(reason);
  }
}
