// Takes the head off an answer: a client of HTTP/0.9 gets the body, and nothing else.

import type { Bytes } from '../../../proxy/engine.ts';
import { NO_BYTES } from '../heads/byte-text.ts';

const HEAD_END = '\r\n\r\n';

/** Looks at the bytes of one answer. */
export class HeadRemover {
  /** How many bytes of the end of the head have come, one after the other. */
  #matched = 0;

  /** Whether the head is gone, and the rest is body. */
  get isDone(): boolean {
    return this.#matched === HEAD_END.length;
  }

  /** Gives those bytes that are body. Heads are those that we have written, so a CR is always a line's. */
  take(bytes: Bytes): Bytes {
    if (this.isDone) return bytes;
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === HEAD_END.charCodeAt(this.#matched)) this.#matched++;
      else this.#matched = bytes[at] === HEAD_END.charCodeAt(0) ? 1 : 0;
      if (this.#matched === HEAD_END.length) return bytes.subarray(at + 1);
    }
    return NO_BYTES;
  }
}
