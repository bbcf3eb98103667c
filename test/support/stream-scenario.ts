// What the scenarios of the stream conformance suite are made of: pairs, and traffic that honours back-pressure.
import assert from 'node:assert/strict';
import type { Stream } from '../../src/session/stream.ts';
import { turns } from './stream-recorder.ts';
import type { StreamRecorder } from './stream-recorder.ts';

/** Two streams joined to one another. */
export interface StreamPair {
  readonly a: Stream;
  readonly b: Stream;
  /** Most bytes that may be under way, kernel included, while the reader is held and the writer honours `write`. */
  readonly maxInFlight: number;
  /** Whether a reset shows at the other end: not on a UNIX socket. Default: true. */
  readonly tellsResets?: boolean;
  /** What is heard of a stream that was reset, or lost with bytes in it. Default: a reset, or a pipe that is broken. */
  readonly losses?: RegExp;
  /** Called when both streams are closed. */
  dispose?(): void | Promise<void>;
}

/** Makes a new pair, in which nothing has been said. */
export type MakePair = () => Promise<StreamPair>;
/** What a test does with a pair. Both streams are destroyed after it. */
export type Scenario = (a: StreamRecorder, b: StreamRecorder, pair: StreamPair) => Promise<void>;

/** Registers one scenario. */
export type Check = (what: string, scenario: Scenario) => void;

/** Turns of the event loop, for something that must not happen to have happened. */
export const ENOUGH_TURNS = 30;

/** What the scenarios write at once. */
export const CHUNK_BYTES = 16_384;

/** 2^20 bytes. */
export const MEBIBYTE = 1_048_576;

/** Writes until the stream says stop and stays full; the bytes written. Fails when it takes more than the bound. */
export async function fill(writer: StreamRecorder, maxInFlight: number): Promise<number> {
  let written = 0;
  const drainedBefore = writer.drainedCount;
  let calmTurns = 0;
  while (calmTurns < ENOUGH_TURNS) {
    if (writer.mustWait) {
      calmTurns++;
      await turns(1);
      continue;
    }
    calmTurns = 0;
    writer.write(Buffer.alloc(CHUNK_BYTES, written / CHUNK_BYTES), 'given');
    written += CHUNK_BYTES;
    assert.ok(written <= maxInFlight, `a held reader let ${written} bytes be written`);
  }
  writer.forgetDrained(drainedBefore);
  return written;
}

/** Writes everything, waiting for `drained` where the stream asks for it. */
export async function sendAll(writer: StreamRecorder, bytes: Uint8Array): Promise<void> {
  for (const chunk of split(bytes)) {
    if (writer.mustWait) await writer.until('drained', () => !writer.mustWait);
    writer.write(Uint8Array.from(chunk), 'lent');
  }
}

/** A reaction that holds about every second time, for a microtask or for a turn of the loop; the same for one seed. */
export function holdsAtRandom(recorder: StreamRecorder, seed: number): () => void {
  const choices = randomBytes(4096);
  let turn = seed;
  return () => {
    const choice = (choices[turn++ % choices.length] ?? 0) >> 4; // the low bits of the generator repeat
    const reason = `hold ${choice % 3}`;
    if (choice < 8) return;
    recorder.hold(reason);
    if (choice < 12) queueMicrotask(() => recorder.release(reason));
    else setImmediate(() => recorder.release(reason));
  };
}

/** A view of the bytes in pieces. */
export function split(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

/** Bytes in which a lost, doubled or swapped piece shows. */
export function randomBytes(length: number): Buffer {
  const words = new Uint32Array(length / 4);
  let state = length;
  for (let index = 0; index < words.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = state;
  }
  return Buffer.from(words.buffer);
}
