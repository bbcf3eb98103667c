// Content codings, undone by node:zlib: in the thread pool, in pieces of 16 KiB, and only as fast as they are taken.

import type { Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import type { ContentCoding, Decoder, DecoderListener } from '../session/decoder.ts';
import { errorCode } from './error-code.ts';

// What one step may give: a bound on what a bomb makes before anybody can look at the ratio.
const CHUNK_BYTES = 16_384;

/** Makes a decoder. */
export function makeDecoder(coding: ContentCoding, listener: DecoderListener): Decoder {
  return new ContentDecoder(coding, listener);
}

class ContentDecoder implements Decoder {
  readonly #coding: ContentCoding;
  readonly #listener: DecoderListener;
  /** Made for the first byte, which tells the two forms of deflate from one another. */
  #stream: Transform | undefined;
  #isDestroyed = false;

  constructor(coding: ContentCoding, listener: DecoderListener) {
    this.#coding = coding;
    this.#listener = listener;
  }

  write(bytes: Uint8Array): boolean {
    this.#stream ??= this.#open(bytes[0] ?? 0);
    return this.#stream.write(bytes);
  }

  end(): void {
    this.#stream?.end();
  }

  resume(): void {
    this.#stream?.resume();
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#stream?.destroy();
  }

  #open(firstByte: number): Transform {
    const stream = decoderOf(this.#coding, firstByte);
    stream.on('data', (bytes: Buffer) => {
      if (!this.#isDestroyed && !this.#listener.decoded(bytes)) stream.pause();
    });
    stream.on('drain', () => {
      if (!this.#isDestroyed) this.#listener.drained();
    });
    stream.on('end', () => {
      if (!this.#isDestroyed) this.#listener.ended();
    });
    stream.on('error', (error) => {
      if (this.#isDestroyed) return;
      this.#isDestroyed = true;
      this.#listener.failed(errorCode(error));
    });
    return stream;
  }
}

function decoderOf(coding: ContentCoding, firstByte: number): Transform {
  const options = { chunkSize: CHUNK_BYTES };
  switch (coding) {
    case 'gzip':
      return createGunzip(options);
    case 'deflate':
      // Many servers send the raw form and clients take it; the wrapped one begins with method 8 (RFC 1950, 2.2).
      return (firstByte & 0x0f) === 8 ? createInflate(options) : createInflateRaw(options);
    case 'br':
      return createBrotliDecompress(options);
    case 'zstd':
      return createZstdDecompress(options);
  }
}
