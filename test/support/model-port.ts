// One port of the model pump: what its peer has said and the engine has not heard yet.

import type { Bytes, Port } from '../../src/proxy/engine.ts';
import type { PeerTurn } from './dialogue.ts';
import { toBytes } from './latin1.ts';

const FULL_BYTES = 65_536;

/** A relay that runs from a port. */
export interface Relay {
  readonly to: Port;
  left: number;
  moved: number;
  /** The port it leads to is lost: the bytes go nowhere, not into a later connection of that name. */
  isLost: boolean;
}

/** How a peer ended: with an error, or properly. */
export interface PeerEnd {
  readonly error?: string;
}

/** The receiving side of a port, and what is known of its sending side. */
export class ModelPort {
  readonly name: Port;
  /** How large the chunks are in which bytes arrive, over and over. */
  readonly #chunkSizes: readonly number[];
  #chunksTaken = 0;
  #queue: Bytes = new Uint8Array(0);
  #end: PeerEnd | undefined;
  #isEndHeard = false;
  isHeld = false;
  /** The connection broke. */
  isBroken = false;
  /** The engine ended this direction. */
  isEnded = false;
  relay: Relay | undefined;

  constructor(name: Port, chunkSizes: readonly number[]) {
    this.name = name;
    this.#chunkSizes = chunkSizes;
  }

  /** The peer takes a turn. */
  say(turn: PeerTurn): void {
    if ('says' in turn) this.push(toBytes(turn.says));
    else if (turn.does === 'end') this.pushEnd();
    else this.#break();
  }

  /** The peer says something; after its end it says nothing. */
  push(bytes: Bytes): void {
    if (this.#end === undefined) this.#queue = Buffer.concat([this.#queue, bytes]);
  }

  /** The peer ends after what it has said. */
  pushEnd(): void {
    this.#end ??= {};
  }

  /** The connection breaks: what is still queued is lost, as it is with TCP. */
  #break(): void {
    if (this.isBroken) return;
    this.#queue = new Uint8Array(0);
    this.#end = { error: 'ECONNRESET' };
    this.#isEndHeard = false;
    this.isBroken = true;
  }

  /** Whether something would be heard from this port now. A relay and a break do not mind a hold. */
  get isReady(): boolean {
    const isOpen = !this.isHeld || this.relay !== undefined;
    if (this.#queue.length > 0) return isOpen;
    return this.#end !== undefined && !this.#isEndHeard && (isOpen || this.isBroken);
  }

  /** What fills it would be held: as much waits as one read of a socket brings. */
  get isFull(): boolean {
    return this.isHeld && this.#queue.length >= FULL_BYTES;
  }

  /** Both directions have ended, so that the port is gone. */
  get isOver(): boolean {
    return this.isEnded && this.#isEndHeard && this.relay === undefined;
  }

  /** The next bytes, at most `limit`; undefined if only the end is left. */
  take(limit: number): Bytes | undefined {
    if (this.#queue.length === 0) return undefined;
    const size = this.#chunkSizes[this.#chunksTaken++ % this.#chunkSizes.length] ?? Infinity;
    const length = Math.min(size, limit, this.#queue.length);
    const bytes = this.#queue.subarray(0, length);
    this.#queue = this.#queue.subarray(length);
    return bytes;
  }

  /** The end, heard once. */
  takeEnd(): PeerEnd {
    this.#isEndHeard = true;
    return this.#end ?? {};
  }
}
