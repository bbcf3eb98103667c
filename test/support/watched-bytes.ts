// Bytes that notice when somebody goes round in circles over them. Each round of a loop asks how many they are, so that the
// number of questions is a measure of work that needs no clock.

import type { Bytes } from '../../src/proxy/engine.ts';

const LENGTH = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  'length',
);

// What reads byte by byte asks once or twice for each; the rest is for what is done once an event.
const QUESTIONS_A_BYTE = 16;
const QUESTIONS_AN_EVENT = 10_000;

let left = 0;

/** Views of them, made by `subarray`, are of the same kind. */
class WatchedBytes extends Uint8Array {
  static {
    Object.defineProperty(this.prototype, 'length', {
      get(this: WatchedBytes): unknown {
        if (--left < 0) throw new Error('It goes round in circles: the bytes are none the fewer');
        return LENGTH?.get?.call(this);
      },
    });
  }
}

/** A copy of bytes for one event. Those of earlier ones share what is left of questions with it, which is enough for all. */
export function watchedBytes(bytes: Bytes): Bytes {
  left = QUESTIONS_AN_EVENT + QUESTIONS_A_BYTE * bytes.length;
  return new WatchedBytes(bytes);
}
