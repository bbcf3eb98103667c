// Small writes of one stream in a row go to the kernel together: a call of send(2) costs as much as copying 50 KB.
// Those of several streams go out one behind the other at the end of a batch: that call pays for waking up the peer as
// well, and a peer that one packet has woken is still awake for the next.

import type { GuardedMemory } from './guarded-memory.ts';
import { allocateGuarded } from './guarded-memory.ts';
import type { Libc } from './libc.ts';

// What is gathered before it is sent: copying more costs more than the call.
const GATHERED_BYTES = 65_536;

// The first of so many waits for what the others have to do until they write, which takes some 10 us each.
const MAX_SENDERS = 16;

const NOTHING = new Uint8Array();

/** Who has gathered writes. */
export interface GatheringSender {
  /**
   * Sends what was gathered: so many bytes from that place in the gathered memory on. Calls nobody back; afterwards the
   * bytes are gone.
   */
  sendGathered(start: number, byteLength: number): void;
}

/** What is gathered now: of each sender what it wrote in a row, one behind the other. */
export class GatheredWrites {
  /** Where they are gathered. */
  readonly memory: GuardedMemory;
  readonly #becameDue: () => void;
  /** In the order of their bytes; undefined: they were sent before the others, or dropped. */
  readonly #senders: (GatheringSender | undefined)[] = [];
  #count = 0;
  /** Where the bytes of each end. */
  readonly #ends: number[] = [];
  #byteLength = 0;

  /** `becameDue` is called when there is something to flush, once until it is flushed. */
  constructor(libc: Libc, becameDue: () => void) {
    this.memory = allocateGuarded(libc, GATHERED_BYTES);
    this.#becameDue = becameDue;
  }

  /** Something will be sent for a sender, if only an end. What it wrote before others did is sent now. */
  claim(sender: GatheringSender): void {
    if (this.#count > 0) {
      if (this.#senders[this.#count - 1] === sender) return;
      if (this.#count === MAX_SENDERS) this.flush();
      else this.flushOf(sender);
    }
    if (this.#count === 0) this.#becameDue();
    this.#senders[this.#count] = sender;
    this.#ends[this.#count] = this.#byteLength;
    this.#count += 1;
  }

  /**
   * Copies what there is room for, of the sender that has just claimed; where there is not enough, what is there is sent, and
   * nothing copied, as the stream of the sender may be full or gone now: it has to claim again. Gives the bytes that are left.
   */
  take(bytes: Uint8Array): Uint8Array {
    const length = Math.min(bytes.length, GATHERED_BYTES);
    if (this.#byteLength + length > GATHERED_BYTES) {
      this.flush();
      return bytes;
    }
    // Nearly always all of it: a view of a part is dear to make.
    const isWhole = length === bytes.length;
    this.memory.bytes.set(isWhole ? bytes : bytes.subarray(0, length), this.#byteLength);
    this.#byteLength += length;
    this.#ends[this.#count - 1] = this.#byteLength;
    return isWhole ? NOTHING : bytes.subarray(length);
  }

  /** Has everything sent. */
  flush(): void {
    for (let at = 0; at < this.#count; at++) this.#send(at);
    this.#count = 0;
    this.#byteLength = 0;
  }

  /** Has what waits of a sender sent. */
  flushOf(sender: GatheringSender): void {
    const at = this.#placeOf(sender);
    if (at !== -1) this.#send(at);
  }

  /** Drops what waits of a sender: it is closed. */
  drop(sender: GatheringSender): void {
    const at = this.#placeOf(sender);
    if (at !== -1) this.#senders[at] = undefined;
  }

  #placeOf(sender: GatheringSender): number {
    let at = this.#count - 1;
    while (at >= 0 && this.#senders[at] !== sender) at--;
    return at;
  }

  #send(at: number): void {
    const sender = this.#senders[at];
    if (sender === undefined) return;
    this.#senders[at] = undefined;
    const start = at === 0 ? 0 : (this.#ends[at - 1] ?? 0);
    sender.sendGathered(start, (this.#ends[at] ?? 0) - start);
  }
}
