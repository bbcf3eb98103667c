// The first bytes of a client that may speak HTTP/0.9: its request is one line, which is made a request of HTTP/1.0, so that
// all that is done with requests is done with it.

import type { Bytes } from '../../../proxy/engine.ts';
import { CR, LF, SP } from '../heads/byte-class.ts';
import { bytesOf, latin1, NO_BYTES, withTextBefore } from '../heads/byte-text.ts';

const BEGINNING = 'GET /';
const HEAD_END = ' HTTP/1.0\r\n\r\n';
const LAST_PRINTABLE = 0x7e;

/** Looks at the beginning of what one client sends. */
export class RequestOpening {
  /** `unknown` while what has come is the beginning of such a line, and may be one of HTTP/1 as well. */
  kind: 'unknown' | 'http-1' | 'http-0.9' = 'unknown';
  readonly #maxLength: number;
  /** What has come and was not passed on. */
  #begun = '';
  #hasCr = false;

  /** `maxLength`: characters of a line; what is longer is for the reader of HTTP/1 to refuse. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Gives the bytes, with a version behind the first line if it has none; nothing while that cannot be told. */
  take(bytes: Bytes): Bytes {
    return this.kind === 'unknown' ? this.#beginning(bytes) : bytes;
  }

  #beginning(bytes: Bytes): Bytes {
    const begun = this.#begun;
    const at = this.#scan(bytes);
    if (this.kind === 'unknown') {
      this.#begun += latin1(bytes, 0, bytes.length);
      return NO_BYTES;
    }
    this.#begun = '';
    if (this.kind === 'http-1') return withTextBefore(begun, bytes);
    const line = (begun + latin1(bytes, 0, at)).slice(0, -'\r\n'.length);
    return withTextBefore(line + HEAD_END, bytes.subarray(at));
  }

  /** Gives what has come: nothing more will tell what it is. */
  giveUp(): Bytes {
    if (this.kind !== 'unknown') return NO_BYTES;
    this.kind = 'http-1';
    return bytesOf(this.#begun);
  }

  /** Looks at bytes until they tell what this is; gives how many that were. */
  #scan(bytes: Bytes): number {
    let at = 0;
    while (at < bytes.length && this.kind === 'unknown')
      this.#look(this.#begun.length + at, bytes[at++] ?? 0);
    return at;
  }

  /** Takes the next byte, which is number `place`. */
  #look(place: number, byte: number): void {
    if (place < BEGINNING.length) {
      if (byte !== BEGINNING.charCodeAt(place)) this.kind = 'http-1';
    } else if (this.#hasCr) {
      this.kind = byte === LF ? 'http-0.9' : 'http-1';
    } else if (byte === CR) {
      this.#hasCr = true;
    } else if (byte <= SP || byte > LAST_PRINTABLE || place >= this.#maxLength) {
      this.kind = 'http-1';
    }
  }
}
