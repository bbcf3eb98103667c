// One peer of a play: what the test lets it say, and what it heard.

import { Buffer } from 'node:buffer';
import type { Bytes, Port, ProxyEvent } from './engine.ts';

/** Bytes that a relay moves: the engine does not see them. */
export interface Passed {
  readonly type: 'passed';
  readonly to: Port;
  readonly bytes: Bytes;
}

interface RunningRelay {
  readonly to: Port;
  readonly length: number;
  moved: number;
}

/** A client or a server on the stage. */
export class PlayedPeer {
  readonly #port: Port;
  readonly #told: () => void;
  #said: Bytes = new Uint8Array(0);
  #heard: Bytes = new Uint8Array(0);
  #end: 'talks' | 'ended' | 'told' = 'talks';
  #isConnected = false;
  #isHeld = false;
  #hasHeardEnd = false;
  #relay: RunningRelay | undefined;

  /** `told` is called when the peer has something to say. */
  constructor(port: Port, told: () => void) {
    this.#port = port;
    this.#told = told;
  }

  /** Whether the proxy has told this peer that nothing more comes. */
  heardEnd(): boolean {
    return this.#hasHeardEnd;
  }

  /** Says something, a text as UTF-8. A server that is not connected yet says it then. */
  say(data: string | Bytes): void {
    this.#said = Buffer.concat([this.#said, Buffer.from(data)]);
    this.#told();
  }

  /** Sends no more. */
  end(): void {
    if (this.#end === 'talks') this.#end = 'ended';
    this.#told();
  }

  /** What it heard since it was asked last, as text in UTF-8. */
  heard(): string {
    return Buffer.from(this.heardBytes()).toString();
  }

  /** What it heard since it was asked last. */
  heardBytes(): Bytes {
    const heard = this.#heard;
    this.#heard = new Uint8Array(0);
    return heard;
  }

  /** For the play: it is there. */
  connect(): void {
    this.#isConnected = true;
  }

  /** For the play: it is there no more. */
  disconnect(): void {
    this.#isConnected = false;
    this.#relay = undefined;
  }

  /** For the play: bytes reach it. */
  hear(bytes: Bytes): void {
    this.#heard = Buffer.concat([this.#heard, bytes]);
  }

  /** For the play: the end reaches it. */
  hearEnd(): void {
    this.#hasHeardEnd = true;
  }

  /** For the play: its next bytes pass by the engine. */
  relay(to: Port, length: number): void {
    this.#relay = { to, length, moved: 0 };
  }

  /** For the play: it is not listened to, or again. */
  hold(how: 'hold' | 'release'): void {
    this.#isHeld = how === 'hold';
  }

  /** For the play: what comes from it next, if it may. */
  next(): ProxyEvent | Passed | undefined {
    if (!this.#isConnected) return undefined;
    if (this.#relay !== undefined) return this.#nextOfRelay(this.#relay);
    if (this.#isHeld) return undefined;
    if (this.#said.length > 0)
      return { type: 'received', from: this.#port, bytes: this.#take(Infinity) };
    if (this.#end !== 'ended') return undefined;
    this.#end = 'told';
    return { type: 'ended', from: this.#port };
  }

  #nextOfRelay(relay: RunningRelay): ProxyEvent | Passed | undefined {
    const { to, length } = relay;
    const left = length - relay.moved;
    if (left > 0 && this.#said.length > 0) {
      const bytes = this.#take(left);
      relay.moved += bytes.length;
      return { type: 'passed', to, bytes };
    }
    if (left > 0 && this.#end === 'talks') return undefined;
    this.#relay = undefined;
    return { type: 'relayed', from: this.#port, to, bytes: relay.moved, complete: left === 0 };
  }

  #take(limit: number): Bytes {
    const bytes = this.#said.subarray(0, limit);
    this.#said = this.#said.subarray(bytes.length);
    return bytes;
  }
}
