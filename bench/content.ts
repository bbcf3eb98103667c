// What the back end serves, known to the clients so that they can check what arrives.

/** Bytes of the answer to GET /small. */
export const SMALL_BYTES = 1024;
/** Bytes of the answer to GET /large. */
export const LARGE_BYTES = 100 * 1024 * 1024;

// A prime, so that bytes at the borders of chunks, pages and buffers differ: what is lost, doubled or in the wrong place
// shows in the first byte after it.
const PERIOD = 251;

/** Some bytes of the large answer. */
export function patternOf(from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (from + index) % PERIOD;
  return bytes;
}

/** Whether a chunk of the large answer is what belongs at this place, by its first and last byte. */
export function isPattern(chunk: Uint8Array, from: number): boolean {
  return (
    chunk[0] === from % PERIOD && chunk[chunk.length - 1] === (from + chunk.length - 1) % PERIOD
  );
}
