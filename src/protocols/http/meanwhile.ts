// What the server says while the policy is asked about its response. Its end, and bytes behind the response, must be known before
// the next request is given to it.

import { Buffer } from 'node:buffer';
import type { Bytes, ProxyAction } from '../../proxy/engine.ts';
import type { Framing } from './bodies/framing.ts';
import { copyOf } from './heads/byte-text.ts';

/** A longer body is not waited for: the kernel may move it when the policy has decided. */
const MAX_KEPT_BYTES = 65_536;
/** Each piece costs memory, however short it is. */
const MAX_KEPT_PIECES = 64;

/** Whether a server is heard that sends such a body. */
export function isHeardBehind(framing: Framing): boolean {
  return framing.kind !== 'length' || framing.length <= MAX_KEPT_BYTES;
}

/** What comes from the server behind the head of its response, until the policy has decided. */
export class Meanwhile {
  /** The server has ended; `error` names why if that was no proper end. */
  end: { readonly error: string | undefined } | undefined;
  readonly #pieces: Bytes[];
  #length: number;
  #isHeld = false;

  /** `bytes`: what has come already. */
  constructor(bytes: Bytes) {
    this.#pieces = [bytes];
    this.#length = bytes.length;
  }

  /** Keeps bytes that came; where they are many, the rest is not read for now. */
  received(bytes: Bytes, out: ProxyAction[]): void {
    this.#pieces.push(copyOf(bytes));
    this.#length += bytes.length;
    const isRoom = this.#length <= MAX_KEPT_BYTES && this.#pieces.length < MAX_KEPT_PIECES;
    if (isRoom || this.#isHeld) return;
    this.#isHeld = true;
    out.push({ type: 'hold', from: 'server' });
  }

  /** The policy has decided: all that has come. */
  over(out: ProxyAction[]): Bytes {
    if (this.#isHeld) out.push({ type: 'release', from: 'server' });
    return Buffer.concat(this.#pieces);
  }
}
