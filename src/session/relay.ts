// The copying relay: bytes that need no inspection go from one port to another. A kernel relay stands in for it where
// both streams have a descriptor and it pays; an engine cannot tell which happened.

import type { Bytes } from '../proxy/engine.ts';
import type { PumpPort, RunningRelay } from './pump-port.ts';
import type { Ownership } from './stream.ts';

/** Bytes with their owner. */
export interface OwnedBytes {
  readonly bytes: Bytes;
  readonly ownership: Ownership;
}

/**
 * Passes on what belongs to the relay.
 * @returns the bytes behind its end. Bytes for a port that is gone are dropped: its engine has been told so.
 */
export function relayStep(
  relay: RunningRelay,
  from: PumpPort,
  to: PumpPort | undefined,
  owned: OwnedBytes,
): Bytes {
  const { bytes, ownership } = owned;
  const length = Math.min(relay.remaining, bytes.length);
  relay.remaining -= length;
  relay.bytes += length;
  to?.send(length === bytes.length ? bytes : bytes.subarray(0, length), ownership, from);
  return bytes.subarray(length);
}
