// What undoes a content coding, as an interface: io/ implements it, because decompression is work of the system's threads.

import type { Bytes } from '../proxy/engine.ts';
import type { ContentCoding } from '../proxy/content-decoding.ts';

export type { ContentCoding } from '../proxy/content-decoding.ts';

/** Takes what comes out of a decoder. Its methods are never called from within a call of the decoder's own. */
export interface DecoderListener {
  /** Decoded bytes, which are the listener's. `codedBytes`: what all so far has been made of. False: no more until `resume`. */
  decoded(bytes: Bytes, codedBytes: number): boolean;
  /** After a `write` returned false: there is room again. */
  drained(): void;
  /** All is decoded. The last call, like `failed`. */
  ended(): void;
  /** The bytes are not of this coding, or break off; `error` says how. */
  failed(error: string): void;
}

/** Undoes one coding of one body, as a stream. */
export interface Decoder {
  /** Takes bytes, which belong to the decoder from now on. False: stop until `drained`. */
  write(bytes: Bytes): boolean;
  /** No more comes. */
  end(): void;
  /** Goes on after `decoded` returned false. */
  resume(): void;
  /** Ends it: nothing more is told. */
  destroy(): void;
}

/** Makes a decoder. */
export type MakeDecoder = (coding: ContentCoding, listener: DecoderListener) => Decoder;
