// A stream that decodes what is written to it on the way: what stands before a stacked child that is to see contents as
// their receiver would. It is bounded: no more is decoded than the child takes, and not more than the policy lets them become.

import type { ContentDecoding } from '../proxy/content-decoding.ts';
import { isWithinBounds } from '../proxy/content-decoding.ts';
import type { ContentVerdict } from '../proxy/content-verdict.ts';
import type { Bytes } from '../proxy/engine.ts';
import type { Decoder, MakeDecoder } from './decoder.ts';
import type { HoldReason, Ownership, Stream, StreamListener } from './stream.ts';

/** What a decoded stream is made of. */
export interface DecodedParts {
  readonly decoding: ContentDecoding;
  readonly makeDecoder: MakeDecoder;
  /** Is told, once, why the contents cannot be decoded; the stream is cut off then. */
  readonly failed: (verdict: ContentVerdict) => void;
}

/** Decodes what is written; what is read passes as it is. */
export class DecodedStream implements Stream {
  readonly ownership: Ownership;
  readonly framing = 'bytes';
  readonly descriptor = undefined;
  readonly #inner: Stream;
  readonly #parts: DecodedParts;
  readonly #decoder: Decoder;
  #listener: StreamListener | undefined;
  #plainLeft: number;
  #hasContents = false;
  #decoded = 0;
  #isInnerFull = false;
  #isDecoderFull = false;
  #owesDrained = false;
  #isOver = false;

  constructor(inner: Stream, parts: DecodedParts) {
    this.#inner = inner;
    this.#parts = parts;
    this.#plainLeft = parts.decoding.plainBytes;
    this.ownership = inner.ownership === 'left' ? 'given' : inner.ownership;
    this.#decoder = parts.makeDecoder(parts.decoding.coding, {
      decoded: (bytes, codedBytes) => this.#take(bytes, codedBytes),
      drained: () => {
        this.#isDecoderFull = false;
        this.#sayDrained();
      },
      ended: () => {
        if (!this.#isOver) inner.end();
      },
      failed: (error) => {
        this.#fail('bad-coding', `The contents are not what their coding says: ${error}`);
      },
    });
  }

  listen(listener: StreamListener): void {
    this.#listener = listener;
    this.#inner.listen({
      received: (bytes) => {
        listener.received(bytes);
      },
      ended: () => {
        listener.ended();
      },
      drained: () => {
        this.#isInnerFull = false;
        this.#decoder.resume();
        this.#sayDrained();
      },
      closed: (error) => {
        this.#stop();
        listener.closed(error);
      },
    });
  }

  write(bytes: Bytes, ownership: Ownership): boolean {
    if (this.#isOver) return true;
    const coded = this.#writePlain(bytes, ownership);
    if (coded.length > 0) {
      this.#hasContents = true;
      this.#isDecoderFull = !this.#decoder.write(
        ownership === 'lent' ? Uint8Array.from(coded) : coded,
      );
    }
    this.#owesDrained = this.#isInnerFull || this.#isDecoderFull;
    return !this.#owesDrained;
  }

  /** Writes what stands before the contents; gives the rest. */
  #writePlain(bytes: Bytes, ownership: Ownership): Bytes {
    const length = Math.min(this.#plainLeft, bytes.length);
    if (length === 0) return bytes;
    this.#plainLeft -= length;
    this.#isInnerFull = !this.#inner.write(bytes.subarray(0, length), ownership);
    return bytes.subarray(length);
  }

  end(): void {
    if (this.#isOver) return;
    // No bytes at all are no bytes in any coding.
    if (this.#hasContents) this.#decoder.end();
    else this.#inner.end();
  }

  hold(reason: HoldReason): void {
    this.#inner.hold(reason);
  }

  release(reason: HoldReason): void {
    this.#inner.release(reason);
  }

  destroy(how?: 'reset'): void {
    this.#stop();
    this.#inner.destroy(how);
  }

  keepAlive(): void {
    this.#inner.keepAlive();
  }

  #take(bytes: Bytes, codedBytes: number): boolean {
    if (this.#isOver) return false;
    const { decoding } = this.#parts;
    this.#decoded += bytes.length;
    const state = isWithinBounds(decoding, codedBytes, this.#decoded);
    if (state !== 'yes') {
      this.#fail(state, MESSAGES[state]);
      return false;
    }
    this.#isInnerFull = !this.#inner.write(bytes, 'given');
    return !this.#isInnerFull;
  }

  #sayDrained(): void {
    if (!this.#owesDrained || this.#isInnerFull || this.#isDecoderFull || this.#isOver) return;
    this.#owesDrained = false;
    this.#listener?.drained();
  }

  /** The child must not take what it has for the whole. */
  #fail(rule: 'bad-coding' | 'too-compressed' | 'too-long', description: string): void {
    if (this.#isOver) return;
    this.#stop();
    this.#parts.failed({ word: 'error', reason: REASONS[rule], description });
    this.#inner.destroy('reset');
  }

  #stop(): void {
    this.#isOver = true;
    this.#decoder.destroy();
  }
}

const REASONS = {
  'bad-coding': 'content.bad-coding',
  'too-compressed': 'content.too-compressed',
  'too-long': 'content.decoded-too-long',
} as const;

const MESSAGES = {
  'too-compressed': 'The contents become more when they are decoded than the policy permits',
  'too-long': 'The decoded contents are longer than the policy permits',
} as const;
