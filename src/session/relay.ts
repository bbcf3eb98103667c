// Relays: bytes that need no inspection go from one port to another. They are copied at first; where both streams can do
// it and it pays, the kernel moves the rest. An engine cannot tell which happened.

import type { Bytes, Port } from '../proxy/engine.ts';
import type { HoldReason, Move, Ownership, Stream } from './stream.ts';

/** A port, as a relay sees it. */
export interface RelayPort {
  readonly stream: Stream;
  /** Sends bytes; if this port is full now, `feeder` is held until it drains. */
  send(bytes: Bytes, ownership: Ownership, feeder: RelayPort | undefined): void;
  /** Counts bytes that were sent past this port, inside the kernel. */
  countMoved(bytes: number): void;
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
  /** The kernel moves its bytes. */
  move?: Move | undefined;
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

/** Counts what the kernel has moved for a relay. */
export function countMoved(relay: RunningRelay, bytes: number): void {
  relay.remaining -= bytes;
  relay.bytes += bytes;
  relay.target?.countMoved(bytes);
}
