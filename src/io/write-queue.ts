// What the kernel has not taken yet of the bytes that were written to a stream of the driver. The memory is shared: an
// idle stream has none of it, and a chunk that is empty goes to whoever needs the next one.

import { allocateGuarded } from './guarded-memory.ts';
import type { Libc } from './libc.ts';
import { MADV_DONTNEED } from './linux-constants.ts';

/** As much as the high-water mark of a stream: mostly one chunk is all that waits. */
export const CHUNK_BYTES = 65_536;

// Chunks that are kept with their pages: as much as the queues of a busy moment need, so that they cost no page faults.
const MAX_WARM_CHUNKS = 64;

const CHUNKS_AT_ONCE = 16; // allocated together, so that there are few guards: each takes two maps of the kernel's 65,530

/** A piece of memory of the pool. */
export interface Chunk {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Chunks for queues. Addresses are kept for what has ever waited at one moment, pages for what waits now. */
export class ChunkPool {
  readonly #libc: Libc;
  /** Free ones with pages, the last of which is in the caches of the processor. */
  readonly #warm: Chunk[] = [];
  /** Free ones without pages: the kernel gives them new ones when they are touched. */
  readonly #cold: Chunk[] = [];

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** How many chunks nobody has, for tests. */
  get freeCount(): number {
    return this.#warm.length + this.#cold.length;
  }

  /** A chunk; its content is whatever was in it. Throws when the system has no memory. */
  take(): Chunk {
    return this.#warm.pop() ?? this.#cold.pop() ?? this.#grow();
  }

  giveBack(chunk: Chunk): void {
    if (this.#warm.length < MAX_WARM_CHUNKS) {
      this.#warm.push(chunk);
      return;
    }
    this.#libc.madvise(chunk.address, CHUNK_BYTES, MADV_DONTNEED); // if it fails, the pages just stay
    this.#cold.push(chunk);
  }

  #grow(): Chunk {
    const { address, bytes } = allocateGuarded(this.#libc, CHUNKS_AT_ONCE * CHUNK_BYTES);
    for (let at = CHUNK_BYTES; at < bytes.length; at += CHUNK_BYTES) {
      this.#cold.push({ address: address + at, bytes: bytes.subarray(at, at + CHUNK_BYTES) });
    }
    return { address, bytes: bytes.subarray(0, CHUNK_BYTES) };
  }
}

/** Bytes that wait, in order. */
export class WriteQueue {
  readonly #pool: ChunkPool;
  readonly #chunks: Chunk[] = [];
  /** Where the first chunk's bytes begin, and where the last one's end. */
  #start = 0;
  #end = CHUNK_BYTES;
  #byteLength = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** Copies bytes to its end. */
  push(bytes: Uint8Array): void {
    this.#byteLength += bytes.length;
    let rest = bytes;
    while (rest.length > 0) {
      const last = this.#roomyChunk();
      const part = rest.subarray(0, CHUNK_BYTES - this.#end);
      last.bytes.set(part, this.#end);
      this.#end += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** Where the oldest bytes are. */
  get address(): number {
    return (this.#chunks[0]?.address ?? 0) + this.#start;
  }

  /** How many of the oldest bytes are there in one piece; 0 when the queue is empty. */
  get pieceLength(): number {
    if (this.#chunks.length <= 1) return this.#byteLength;
    return CHUNK_BYTES - this.#start;
  }

  /** The oldest bytes that are in one piece. */
  get piece(): Uint8Array {
    const first = this.#chunks[0];
    return first === undefined
      ? new Uint8Array()
      : first.bytes.subarray(this.#start, this.#start + this.pieceLength);
  }

  /** Drops so many of the oldest bytes, at most one piece. */
  shift(count: number): void {
    const isWholePiece = count === this.pieceLength;
    this.#byteLength -= count;
    this.#start += count;
    if (!isWholePiece) return;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.#pool.giveBack(chunk);
    this.#start = 0;
    if (this.#chunks.length === 0) this.#end = CHUNK_BYTES;
  }

  /** Takes everything out, as copies. */
  takeAll(): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    while (this.#byteLength > 0) {
      pieces.push(Uint8Array.from(this.piece));
      this.shift(this.pieceLength);
    }
    return pieces;
  }

  /** Drops everything. */
  clear(): void {
    for (const chunk of this.#chunks) this.#pool.giveBack(chunk);
    this.#chunks.length = 0;
    this.#byteLength = 0;
    this.#start = 0;
    this.#end = CHUNK_BYTES;
  }

  #roomyChunk(): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.#end < CHUNK_BYTES) return last;
    const chunk = this.#pool.take();
    this.#chunks.push(chunk);
    this.#end = 0;
    return chunk;
  }
}
