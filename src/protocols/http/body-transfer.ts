// Moves one body from one side to the other. Small ones pass as sends; what is long and known is left to the pump.

import { Buffer } from 'node:buffer';
import type { Bytes, Port, ProxyAction } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import { bytesOf } from './byte-text.ts';
import { ChunkParser } from './chunk-parser.ts';
import type { ChunkLimits } from './chunk-parser.ts';
import type { Framing } from './framing.ts';

/** Bounds on a body; 0 is no bound. */
export interface BodyLimits extends ChunkLimits {
  readonly maxBodyLength: number;
}

/** Where a body comes from and how it leaves: chunked bodies leave in chunks, or `plain` to a reader of HTTP/1.0. */
export interface BodyRoute {
  readonly from: 'client' | 'server';
  readonly to: 'client' | 'server';
  readonly framing: Framing;
  readonly coding: 'same' | 'plain';
  readonly limits: BodyLimits;
}

/** From here on a relay is cheaper than sends: it saves every further look at the bytes. */
const RELAY_FROM_BYTES = 16_384;

const CRLF = bytesOf('\r\n');
const LAST_CHUNK = bytesOf('0\r\n\r\n');

/** The movement of one body. */
export class BodyTransfer {
  /** Bytes of the body, without chunk sizes. */
  bodyBytes = 0;
  /** Bytes taken of the stream, with chunk sizes. */
  consumed = 0;
  isComplete: boolean;
  readonly framing: Framing;
  readonly #route: BodyRoute;
  readonly #chunks: ChunkParser | undefined;
  #isRelaying = false;

  constructor(route: BodyRoute) {
    this.#route = route;
    this.framing = route.framing;
    const { kind } = route.framing;
    this.isComplete =
      kind === 'none' || (route.framing.kind === 'length' && route.framing.length === 0);
    this.#chunks = kind === 'chunked' ? new ChunkParser(route.from, route.limits) : undefined;
  }

  /** Takes bytes of the body from `from` on; gives where the rest begins, which is no longer of the body. */
  take(bytes: Bytes, from: number, out: ProxyAction[]): number {
    if (this.isComplete || this.#isRelaying) return from;
    if (this.#chunks !== undefined) return this.#takeChunks(this.#chunks, { bytes, from }, out);
    const length = Math.min(this.#expected(), bytes.length - from);
    if (length > 0) this.#send(bytes.subarray(from, from + length), out);
    this.consumed += length;
    this.bodyBytes += length;
    if (from + length < bytes.length && this.framing.kind === 'until-close') throw this.#tooLong();
    this.isComplete = this.framing.kind === 'length' && this.#expected() === 0;
    if (!this.isComplete) this.#relay(this.#expected(), out);
    return from + length;
  }

  /** Bytes that a relay has moved. */
  relayed(bytes: number): void {
    this.#isRelaying = false;
    this.consumed += bytes;
    this.bodyBytes += bytes;
    this.#chunks?.skip(bytes);
    this.isComplete = this.framing.kind === 'length' && this.#expected() === 0;
  }

  /** How many bytes may still come, of a body that is not chunked. */
  #expected(): number {
    const { framing } = this;
    if (framing.kind === 'length') return framing.length - this.bodyBytes;
    const { maxBodyLength } = this.#route.limits;
    return maxBodyLength === 0 ? Infinity : maxBodyLength - this.bodyBytes;
  }

  #takeChunks(
    chunks: ChunkParser,
    { bytes, from }: { bytes: Bytes; from: number },
    out: ProxyAction[],
  ): number {
    chunks.at = from;
    try {
      while (!this.isComplete && !this.#isRelaying && this.#chunkStep(chunks, bytes, out));
    } finally {
      this.consumed += chunks.at - from;
    }
    return chunks.at;
  }

  /** One step of a chunked body; false when there are no more bytes. */
  #chunkStep(chunks: ChunkParser, bytes: Bytes, out: ProxyAction[]): boolean {
    const before = chunks.at;
    switch (chunks.read(bytes)) {
      case 'size':
        this.#beginChunk(chunks, bytes.length, out);
        return true;
      case 'data':
        this.bodyBytes += chunks.at - before;
        this.#send(bytes.subarray(before, chunks.at), out);
        if (chunks.at === bytes.length) this.#relay(chunks.remaining, out);
        return true;
      case 'chunk-end':
        this.#sendFraming(CRLF, out);
        return true;
      case 'complete':
        this.isComplete = true;
        this.#sendFraming(LAST_CHUNK, out);
        return true;
      case 'starved':
        return false;
    }
  }

  #beginChunk(chunks: ChunkParser, length: number, out: ProxyAction[]): void {
    const { maxBodyLength } = this.#route.limits;
    if (maxBodyLength > 0 && this.bodyBytes + chunks.remaining > maxBodyLength)
      throw this.#tooLong();
    this.#sendFraming(Buffer.from(`${chunks.remaining.toString(16)}\r\n`, 'latin1'), out);
    if (chunks.at === length) this.#relay(chunks.remaining, out);
  }

  #send(bytes: Bytes, out: ProxyAction[]): void {
    out.push({ type: 'send', to: this.#route.to, bytes });
  }

  #sendFraming(bytes: Bytes, out: ProxyAction[]): void {
    if (this.#route.coding === 'same') this.#send(bytes, out);
  }

  #relay(length: number, out: ProxyAction[]): void {
    if (length < RELAY_FROM_BYTES) return;
    this.#isRelaying = true;
    const { from, to }: { from: Port; to: Port } = this.#route;
    out.push({ type: 'relay', from, to, length });
  }

  #tooLong(): Violation {
    return new Violation('http.body-too-long', this.#route.from, 'The body is longer than allowed');
  }
}
