// One port of a pump: a stream, what waits to be delivered from it, its relay, and who is held until it drains.

import type { Bytes, Port } from '../proxy/engine.ts';
import type { Ownership, Stream, StreamListener } from './stream.ts';

/** A relay that runs from a port. */
export interface RunningRelay {
  readonly to: Port;
  remaining: number;
  bytes: number;
}

/** What a port tells its pump. */
export interface PortOwner {
  portReceived(port: PumpPort, bytes: Bytes): void;
  portEnded(): void;
  portClosed(port: PumpPort): void;
}

/** One port of a pump; the pump sets `relay`, the stream calls the listener's methods. */
export class PumpPort implements StreamListener {
  readonly name: Port;
  readonly stream: Stream;
  relay: RunningRelay | undefined;
  /** The peer has ended properly; the engine may not know it yet. */
  hasEnded = false;
  /** The stream is gone; `loss` says why if that was no proper end. */
  isClosed = false;
  loss: string | undefined;
  receivedBytes = 0;
  sentBytes = 0;
  readonly #owner: PortOwner;
  /** Bytes that came when they could not be delivered; the stream is held while there are any. */
  readonly #pending: Bytes[] = [];
  /** Ports that are held until this one drains. */
  readonly #feeders = new Set<PumpPort>();
  readonly #fullReason: string;
  #isHeldByEngine = false;
  #endTold = false;

  constructor(name: Port, stream: Stream, owner: PortOwner) {
    this.name = name;
    this.stream = stream;
    this.#owner = owner;
    this.#fullReason = `full:${name}`;
  }

  /** Whether bytes of this port can go anywhere: into a relay, or to an engine that did not ask to hold them. */
  get isOpen(): boolean {
    return this.relay !== undefined || !this.#isHeldByEngine;
  }

  /** Whether anything waits to be delivered. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Whether the engine has been told of the end. */
  get isEndTold(): boolean {
    return this.#endTold;
  }

  /** Sends bytes; if this port is full now, `feeder` is held until it drains. */
  send(bytes: Bytes, ownership: Ownership, feeder: PumpPort | undefined): void {
    if (this.isClosed) return;
    this.sentBytes += bytes.length;
    if (this.stream.write(bytes, ownership) || feeder === undefined) return;
    this.#feeders.add(feeder);
    feeder.#hold(this.#fullReason);
  }

  /** Keeps bytes that have just come and cannot be delivered now. */
  keep(bytes: Bytes, ownership: Ownership): void {
    this.#pending.push(ownership === 'lent' ? bytes.slice() : bytes);
    this.#hold('pending');
  }

  /** Keeps the rest of bytes that were being delivered: they go before all that came since. */
  keepFirst(bytes: Bytes, ownership: Ownership): void {
    this.#pending.unshift(ownership === 'lent' ? bytes.slice() : bytes);
    this.#hold('pending');
  }

  /** The next bytes that wait. */
  takePending(): Bytes | undefined {
    const bytes = this.#pending.shift();
    if (bytes !== undefined && this.#pending.length === 0) this.#release('pending');
    return bytes;
  }

  /** The end that the engine must be told now; undefined if there is none. A loss overtakes bytes that wait. */
  takeEnd(): { readonly error?: string } | undefined {
    if (this.loss !== undefined) {
      const error = this.loss;
      this.loss = undefined;
      this.#endTold = true;
      this.#pending.length = 0;
      return { error };
    }
    if (this.#endTold || this.hasPending || !(this.hasEnded || this.isClosed)) return undefined;
    this.#endTold = true;
    return {};
  }

  /** Holds or releases the port for its engine; a relay goes on all the same. */
  holdForEngine(isHeld: boolean): void {
    this.#isHeldByEngine = isHeld;
    this.updateHold();
  }

  /** Brings the stream's hold in line with `isOpen`. */
  updateHold(): void {
    if (this.isOpen) this.#release('engine');
    else this.#hold('engine');
  }

  /** Holds or releases the port while the engine waits for a promise. */
  holdForWait(isWaiting: boolean): void {
    if (isWaiting) this.#hold('waiting');
    else this.#release('waiting');
  }

  /** Delivers what was sent, ends, and discards all that still comes. */
  linger(): void {
    this.#releaseFeeders();
    this.#pending.length = 0;
    this.relay = undefined;
    for (const reason of ['pending', 'engine', 'waiting']) this.#release(reason);
    this.end();
  }

  /** Ends the sending direction after what was sent. */
  end(): void {
    if (!this.isClosed) this.stream.end();
  }

  received(bytes: Bytes): void {
    this.receivedBytes += bytes.length;
    this.#owner.portReceived(this, bytes);
  }

  ended(): void {
    this.hasEnded = true;
    this.#owner.portEnded();
  }

  drained(): void {
    this.#releaseFeeders();
  }

  closed(error?: string): void {
    this.isClosed = true;
    this.loss = error;
    this.#releaseFeeders();
    this.#owner.portClosed(this);
  }

  #releaseFeeders(): void {
    for (const feeder of this.#feeders) feeder.#release(this.#fullReason);
    this.#feeders.clear();
  }

  #hold(reason: string): void {
    if (!this.isClosed) this.stream.hold(reason);
  }

  #release(reason: string): void {
    if (!this.isClosed) this.stream.release(reason);
  }
}
