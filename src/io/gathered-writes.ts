// Small writes of one stream that follow one another go to the kernel together: the head of a message and its body, or
// bytes and the FIN after them. A call of send(2) with its packet costs as much as copying 50 KB.

import type { GuardedMemory } from './guarded-memory.ts';
import { allocateGuarded } from './guarded-memory.ts';
import type { Libc } from './libc.ts';

// What is gathered before it is sent: copying more costs more than the call.
const GATHERED_BYTES = 65_536;

const NOTHING = new Uint8Array();

/** Who has gathered writes. */
export interface GatheringSender {
  /** Sends what was gathered, from that address, without calling anybody back; afterwards its bytes are gone. */
  sendGathered(address: number, byteLength: number): void;
}

/** What is gathered now: of one sender at a time, because writes of one come in a row. */
export class GatheredWrites {
  readonly #memory: GuardedMemory;
  readonly #becameDue: () => void;
  #sender: GatheringSender | undefined;
  #byteLength = 0;

  /** `becameDue` is called when there is something to flush, once until it is flushed. */
  constructor(libc: Libc, becameDue: () => void) {
    this.#memory = allocateGuarded(libc, GATHERED_BYTES);
    this.#becameDue = becameDue;
  }

  /** The memory where they are gathered, from its beginning. */
  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  /** Something will be sent for a sender, if only an end; what waits of another one is sent now. */
  claim(sender: GatheringSender): void {
    if (this.#sender === sender) return;
    this.flush();
    this.#sender = sender;
    this.#becameDue();
  }

  /**
   * Copies what there is room for; where there is not enough, what is there is sent, and nothing copied, as the stream of
   * the sender may be full or gone now. Gives the bytes that are left.
   */
  take(sender: GatheringSender, bytes: Uint8Array): Uint8Array {
    this.claim(sender);
    const length = Math.min(bytes.length, GATHERED_BYTES);
    if (this.#byteLength + length > GATHERED_BYTES) {
      this.flush();
      return bytes;
    }
    // Nearly always all of it: a view of a part is dear to make.
    const isWhole = length === bytes.length;
    this.#memory.bytes.set(isWhole ? bytes : bytes.subarray(0, length), this.#byteLength);
    this.#byteLength += length;
    return isWhole ? NOTHING : bytes.subarray(length);
  }

  /** Has everything sent. */
  flush(): void {
    const sender = this.#sender;
    if (sender === undefined) return;
    const byteLength = this.#byteLength;
    this.#sender = undefined;
    this.#byteLength = 0;
    sender.sendGathered(this.#memory.address, byteLength);
  }

  /** Has what waits of a sender sent. */
  flushOf(sender: GatheringSender): void {
    if (this.#sender === sender) this.flush();
  }

  /** Drops what waits of a sender: it is closed. */
  drop(sender: GatheringSender): void {
    if (this.#sender !== sender) return;
    this.#sender = undefined;
    this.#byteLength = 0;
  }
}
