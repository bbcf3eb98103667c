// What the server got of the body of a request, kept to be sent again when the server goes without an answer.

import type { Bytes, ProxyAction } from '../../../proxy/engine.ts';
import type { BodySink } from '../bodies/body-transfer.ts';
import { NO_BYTES } from '../heads/byte-text.ts';
import { Refused, SERVER_CLOSED } from '../problem.ts';

// Room for the form of a login page: most bodies are not longer.
const FIRST_BYTES = 1_024;

/** Sends a body to the server, and keeps it while that makes sense. One buffer: chunks may be of one byte each. */
export class BodySpool implements BodySink {
  readonly #maxBytes: number;
  #kept: Bytes = NO_BYTES;
  #length = 0;
  #isGivenUp = false;
  #isConnected = true;

  /** `maxBytes`: what may be kept; a body that becomes longer goes on, and is kept no more. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether all that the body has had so far can be sent again. */
  get isWhole(): boolean {
    return !this.#isGivenUp;
  }

  /** While the body is kept nothing of it passes by. */
  get wantsAll(): boolean {
    return this.isWhole;
  }

  /** Sends bytes of the body, as they are on the way to the server; while there is no server they are only kept. */
  take(bytes: Bytes, out: ProxyAction[]): void {
    if (this.isWhole) this.#keep(bytes);
    if (this.#isConnected) out.push({ type: 'send', to: 'server', bytes });
    else if (!this.isWhole) throw new Refused(SERVER_CLOSED);
  }

  /** The server has gone: another connection is being made. */
  disconnected(): void {
    this.#isConnected = false;
  }

  /** The head has gone over another connection: what was kept follows. */
  sendAgain(out: ProxyAction[]): void {
    this.#isConnected = true;
    if (this.#length === 0) return;
    // What is kept from now on stands behind these bytes, or in another buffer.
    out.push({ type: 'send', to: 'server', bytes: this.#kept.subarray(0, this.#length) });
  }

  /** It will not be sent again. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#kept = NO_BYTES;
    this.#length = 0;
  }

  #keep(bytes: Bytes): void {
    const length = this.#length + bytes.length;
    if (length > this.#maxBytes) {
      this.giveUp();
      return;
    }
    if (length > this.#kept.length) this.#grow(length);
    this.#kept.set(bytes, this.#length);
    this.#length = length;
  }

  #grow(length: number): void {
    const size = Math.min(this.#maxBytes, Math.max(length, FIRST_BYTES, 2 * this.#kept.length));
    const larger = new Uint8Array(size);
    larger.set(this.#kept.subarray(0, this.#length));
    this.#kept = larger;
  }
}
