// The first bytes of an answer that may be of HTTP/0.9: it gets the head that it has not, so that all that is done with
// answers is done with it.

import type { Bytes } from '../../../proxy/engine.ts';
import { latin1, NO_BYTES, withTextBefore } from '../heads/byte-text.ts';

const BEGINNING = 'HTTP/';
/** Its body ends with the connection, as in HTTP/1.0 without a length. */
const HEAD = 'HTTP/1.0 200 OK\r\n\r\n';

/** Looks at the beginning of one answer. */
export class ResponseOpening {
  /** How many bytes of the beginning of HTTP/1 have come, and nothing else. */
  #matched = 0;
  #isKnown = false;

  /** Gives the bytes of the answer, with a head before them if they have none; nothing while that cannot be told. */
  take(bytes: Bytes): Bytes {
    if (this.#isKnown) return bytes;
    const before = BEGINNING.slice(0, this.#matched);
    const text = latin1(bytes, 0, Math.min(bytes.length, BEGINNING.length - before.length));
    const begun = before + text;
    const isOld = !BEGINNING.startsWith(begun);
    this.#isKnown = isOld || begun === BEGINNING;
    this.#matched = begun.length;
    if (!this.#isKnown) return NO_BYTES;
    return withTextBefore(isOld ? HEAD + before : before, bytes);
  }
}
