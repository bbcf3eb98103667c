// What a child gives, framed for its receiver: with the length that the child has promised, in chunks, or until the end; and
// a body that came without length, in chunks.

import { Buffer } from 'node:buffer';
import type { Bytes, ProxyAction } from '../../../proxy/engine.ts';
import type { BodySink } from '../bodies/body-transfer.ts';
import { CRLF } from '../heads/byte-text.ts';
import type { Framing } from '../bodies/framing.ts';
import { LAST_CHUNK } from '../bodies/size-line.ts';

/** One body on its way out. */
export class OutputBody implements BodySink {
  bytes = 0;
  readonly wantsAll = true;
  readonly framing: Framing;
  readonly #to: 'client' | 'server';
  readonly #sink: BodySink | undefined;

  /** `sink`: what takes it in the place of its receiver. */
  constructor(to: 'client' | 'server', framing: Framing, sink?: BodySink) {
    this.#to = to;
    this.#sink = sink;
    this.framing = framing;
  }

  /** Sends bytes; false where the child gives more than it has promised. Where there is no body they are of no use. */
  write(bytes: Bytes, out: ProxyAction[]): boolean {
    const { framing } = this;
    if (framing.kind === 'none') return true;
    this.bytes += bytes.length;
    if (framing.kind === 'length' && this.bytes > framing.length) return false;
    if (framing.kind === 'chunked')
      this.#send(Buffer.from(`${bytes.length.toString(16)}\r\n`, 'latin1'), out);
    this.#send(bytes, out);
    if (framing.kind === 'chunked') this.#send(CRLF, out);
    return true;
  }

  take(bytes: Bytes, out: ProxyAction[]): void {
    this.write(bytes, out);
  }

  /** Sends what ends the body; false where the child has given less than it has promised. */
  end(out: ProxyAction[]): boolean {
    const { framing } = this;
    if (framing.kind === 'chunked') this.#send(LAST_CHUNK, out);
    return framing.kind !== 'length' || framing.length === this.bytes;
  }

  #send(bytes: Bytes, out: ProxyAction[]): void {
    if (this.#sink === undefined) out.push({ type: 'send', to: this.#to, bytes });
    else this.#sink.take(bytes, out);
  }
}
