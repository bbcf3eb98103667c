// Datagrams that wait, in a bounded number and of bounded size. A full queue drops the newest one, as every queue of a
// network does: UDP has nobody who could be told to stop.

// As many as a burst of a voice or game protocol has, and the answers to a burst of questions.
const MAX_DATAGRAMS = 256;

// Four of the largest; the room that a socket has by the default of Linux (net.core.rmem_default) is smaller.
const MAX_BYTES = 262_144;

/** Copies of datagrams, first in first out. */
export class DatagramQueue {
  #datagrams: Uint8Array[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#datagrams.length === 0;
  }

  /** The one that has waited longest, which stays where it is. */
  get first(): Uint8Array | undefined {
    return this.#datagrams[0];
  }

  /** Takes a copy; false if there is no room. */
  add(datagram: Uint8Array): boolean {
    const bytes = this.#bytes + datagram.length;
    if (this.#datagrams.length >= MAX_DATAGRAMS || bytes > MAX_BYTES) return false;
    this.#datagrams.push(Buffer.from(datagram));
    this.#bytes = bytes;
    return true;
  }

  /** Takes the one out that has waited longest. */
  shift(): Uint8Array | undefined {
    const datagram = this.#datagrams.shift();
    this.#bytes -= datagram?.length ?? 0;
    return datagram;
  }

  clear(): void {
    this.#datagrams = [];
    this.#bytes = 0;
  }
}
