// Content codings, undone by node:zlib in the thread pool: only as fast as the bytes are taken, and in small steps, for each
// of which the decoder waits until it is its turn.

import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import type { ContentCoding, Decoder, DecoderListener, MakeDecoder } from '../session/decoder.ts';
import type { DecodingTurn } from './decoding-turns.ts';
import { DecodingTurns } from './decoding-turns.ts';
import { errorCode } from './error-code.ts';
import { lowerPoolPriority } from './pool-priority.ts';

// What one step may give: a bound on what a bomb makes before anybody can look at the ratio.
const STEP_BYTES = 16_384;

// What one step may take, for contents of which nothing comes out.
const INPUT_STEP_BYTES = 16_384;

// What a zstd decoder has to remember. More than 8 MiB must not be asked for in HTTP (RFC 9659, 3); the format has up to 2 TiB.
const MAX_ZSTD_WINDOW_LOG = 23;

// A stream with anything in it is full, so that it goes on only when it is read from: that begins the next step.
const OPTIONS = { chunkSize: STEP_BYTES, readableHighWaterMark: 1 };

const NOTHING = new Uint8Array();

type Bytes = Parameters<Decoder['write']>[0];
type ZlibStream = Transform & Zlib;

/** Makes decoders whose steps take these turns: one queue for the process. */
export function contentDecoders(turns: DecodingTurns = new DecodingTurns()): MakeDecoder {
  let isPoolLowered = false;
  return (coding, listener) => {
    if (!isPoolLowered) void lowerPoolPriority();
    isPoolLowered = true;
    return new ContentDecoder(coding, listener, turns);
  };
}

class ContentDecoder implements Decoder {
  readonly #coding: ContentCoding;
  readonly #listener: DecoderListener;
  readonly #turn: DecodingTurn;
  /** Made for the first byte, which tells the two forms of deflate from one another. */
  #stream: ZlibStream | undefined;
  readonly #input: Bytes[] = [];
  #inputBytes = 0;
  #isEnding = false;
  /** Nothing more is to be given to the stream: what is left is to read it to its end. */
  #isAtEnd = false;
  /** What the stream was given last, and how much in all. */
  #lastPiece: Bytes = NOTHING;
  #givenBytes = 0;
  /** Coded bytes of frames before that of the stream. */
  #framedBytes = 0;
  #isHeld = false;
  #owesDrained = false;
  #isOver = false;

  constructor(coding: ContentCoding, listener: DecoderListener, turns: DecodingTurns) {
    this.#coding = coding;
    this.#listener = listener;
    this.#turn = turns.newcomer(() => this.#step());
  }

  write(bytes: Bytes): boolean {
    if (this.#isOver || bytes.length === 0) return true;
    this.#input.push(bytes);
    this.#inputBytes += bytes.length;
    this.#proceed();
    this.#owesDrained = this.#inputBytes >= INPUT_STEP_BYTES;
    return !this.#owesDrained;
  }

  end(): void {
    this.#isEnding = true;
    this.#proceed();
  }

  resume(): void {
    this.#isHeld = false;
    this.#proceed();
  }

  destroy(): void {
    this.#isOver = true;
    this.#turn.leave();
    // What is in the pool cannot be taken back: the turn is not over before it.
    if (!this.#turn.isStepping) this.#stream?.destroy();
  }

  #proceed(): void {
    if (!this.#isOver && !this.#isHeld && this.#hasWork()) this.#turn.ask();
  }

  #hasWork(): boolean {
    const stream = this.#stream;
    if (stream !== undefined && (stream.readableLength > 0 || this.#isAtEnd)) return true;
    return this.#input.length > 0 || (this.#isEnding && stream !== undefined);
  }

  /** It is our turn: each way leads to work in the pool, or to the end of what there is, and so to `#stepped`. */
  #step(): void {
    const stream = (this.#stream ??= this.#open());
    if (stream.readableLength > 0 || this.#isAtEnd) {
      this.#take(stream);
      return;
    }
    const bytes = this.#takeInput();
    if (bytes !== undefined) {
      this.#lastPiece = bytes;
      this.#givenBytes += bytes.length;
      // Later: it may be called from within `read`, before what is read is there.
      stream.write(bytes, () => process.nextTick(() => this.#stepped()));
      return;
    }
    this.#isAtEnd = true;
    stream.end();
  }

  /** Reads what the last step gave, with which the stream begins the next one, or says at once that there is none. */
  #take(stream: ZlibStream): void {
    const codedBytes = this.#framedBytes + stream.bytesWritten;
    const bytes = stream.read() as Buffer | null; // a stream of bytes gives nothing else
    if (bytes !== null && !this.#listener.decoded(bytes, codedBytes)) this.#isHeld = true;
  }

  #takeInput(): Bytes | undefined {
    const [first] = this.#input;
    if (first === undefined) return undefined;
    const piece = first.subarray(0, INPUT_STEP_BYTES);
    if (piece.length === first.length) this.#input.shift();
    else this.#input[0] = first.subarray(piece.length);
    this.#inputBytes -= piece.length;
    return piece;
  }

  #stepped(): void {
    this.#turn.over();
    if (this.#isOver) {
      this.#stream?.destroy();
      return;
    }
    this.#proceed();
    if (this.#owesDrained && this.#inputBytes < INPUT_STEP_BYTES) {
      this.#owesDrained = false;
      this.#listener.drained();
    }
  }

  /** The stream has found the end of what it decodes: was that all? */
  #ended(stream: ZlibStream): void {
    const left = this.#givenBytes - stream.bytesWritten;
    // What may stand after gzip, which is further members and zeros, zlib knows itself.
    if (left === 0 || this.#coding === 'gzip') this.#finish(() => this.#listener.ended());
    else if (this.#coding === 'zstd') this.#nextFrame(stream, this.#lastPiece.subarray(-left));
    else this.#finish(() => this.#listener.failed('ERR_TRAILING_JUNK_AFTER_STREAM_END'));
  }

  /** There may be several frames (RFC 8878, 3), of which a stream decodes the next one only if it comes by itself. */
  #nextFrame(stream: ZlibStream, bytes: Bytes): void {
    this.#framedBytes += stream.bytesWritten;
    this.#givenBytes = 0;
    this.#input.unshift(bytes);
    this.#inputBytes += bytes.length;
    this.#stream = undefined;
    this.#isAtEnd = false;
    this.#stepped();
  }

  /** Tells of the end, if anybody still wants to know. */
  #finish(tell: () => void): void {
    const isWanted = !this.#isOver;
    this.#isOver = true;
    this.#turn.over();
    this.#turn.leave();
    this.#input.length = 0;
    if (isWanted) tell();
  }

  #open(): ZlibStream {
    const stream = decoderOf(this.#coding, this.#input[0]?.[0] ?? 0);
    stream.on('readable', () => {
      if (stream.readableLength === 0) this.#isAtEnd = true; // before bytes that do not belong to it
      this.#stepped();
    });
    stream.on('end', () => this.#ended(stream));
    stream.on('error', (error) => this.#finish(() => this.#listener.failed(errorCode(error))));
    return stream;
  }
}

function decoderOf(coding: ContentCoding, firstByte: number): ZlibStream {
  switch (coding) {
    case 'gzip':
      return createGunzip(OPTIONS);
    case 'deflate':
      // Many servers send the raw form and clients take it; the wrapped one begins with method 8 (RFC 1950, 2.2).
      return (firstByte & 0x0f) === 8 ? createInflate(OPTIONS) : createInflateRaw(OPTIONS);
    case 'br':
      return createBrotliDecompress(OPTIONS);
    case 'zstd':
      return createZstdDecompress({
        ...OPTIONS,
        params: { [constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG },
      });
  }
}
