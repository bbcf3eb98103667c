// The copying relay: bytes that need no inspection go from one port to another. A kernel relay stands in for it where
// both streams have a descriptor and it pays; an engine cannot tell which happened.

import type { Bytes, Port } from '../proxy/engine.ts';
import type { HoldReason, Ownership } from './stream.ts';

/** A port, as a relay sees it. */
export interface RelayPort {
  /** Sends bytes; if this port is full now, `feeder` is held until it drains. */
  send(bytes: Bytes, ownership: Ownership, feeder: RelayPort | undefined): void;
  hold(reason: HoldReason): void;
  release(reason: HoldReason): void;
}

/** A relay that runs from a port. */
export interface RunningRelay {
  readonly to: Port;
  /** The port as it was when the relay began: what is left of it never goes into a later connection of that name. */
  readonly target: RelayPort | undefined;
  remaining: number;
  bytes: number;
}

/**
 * Passes on what belongs to the relay.
 * @returns the bytes behind its end. Bytes for a port that is gone are dropped: its engine has been told so.
 */
export function relayStep(
  relay: RunningRelay,
  from: RelayPort,
  bytes: Bytes,
  ownership: Ownership,
): Bytes | undefined {
  const { remaining, target } = relay;
  if (bytes.length <= remaining) {
    relay.remaining = remaining - bytes.length;
    relay.bytes += bytes.length;
    target?.send(bytes, ownership, from);
    return undefined;
  }
  relay.remaining = 0;
  relay.bytes += remaining;
  target?.send(bytes.subarray(0, remaining), ownership, from);
  return bytes.subarray(remaining);
}
