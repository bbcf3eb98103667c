// The one thing that carries bytes. Sockets, TLS over them, programs, in-memory links: whatever has two ends is a Stream, and
// the pump knows nothing else. Every implementation passes test/support/stream-conformance.ts.

import type { Bytes } from '../proxy/engine.ts';
import type { Behind } from '../proxy/proxy-event.ts';

export type { Behind } from '../proxy/proxy-event.ts';
export { TRUNCATED } from '../proxy/truncation.ts';

/**
 * Who owns bytes after the call that passes them. `given`: the receiver may keep them, the giver never changes them.
 * `lent`: they are valid until the call returns, so keeping them means copying. `left`: they are given, and nobody but the
 * receiver has them or looks at them ever again, so that it may free their memory.
 */
export type Ownership = 'given' | 'lent' | 'left';

/**
 * What one call carries. `bytes`: a piece of one long sequence, cut anywhere. `datagrams`: each `received` is one whole
 * datagram, an empty one too, and each `write` sends one. Such a stream never says `ended` by itself, since UDP has no
 * end, and `end` ends it once what was written is gone; its `write` never says stop: what finds no room is dropped and
 * counted, as everywhere in UDP.
 */
export type Framing = 'bytes' | 'datagrams';

/** Why a stream is not read. It is read again only when its last reason is gone. */
export type HoldReason = string;

/** Takes what comes out of a stream. Its methods are never called from within a call of the stream's own methods. */
export interface StreamListener {
  /** Never called while the stream is held. `bytes` are owned as the stream's `ownership` says. */
  received(bytes: Bytes): void;
  /** The peer sends no more (half-close); writing may go on. At most once; never while held. */
  ended(): void;
  /** After a `write` returned false: there is room again. */
  drained(): void;
  /** The last call, exactly once, whoever ended the stream. `error` is a code such as 'ECONNRESET', or TRUNCATED. */
  closed(error?: string): void;
}

/**
 * Bytes on their way from one stream into another inside the kernel. It is over when its length is reached, when the
 * source ends or is lost, when the target is ended or lost, and when it is stopped; then the source is read as before.
 */
export interface Move {
  /** Whether bytes that were taken in wait for room in the target. */
  readonly hasBytes: boolean;
  /**
   * Ends it now: nothing more is taken in. Returns how many bytes were taken in and not told of; they are the target's
   * now, as if they had been written. 0 for a move that is over.
   */
  stop(): number;
}

/**
 * Told how many bytes more have been moved: given to the target's socket, or lost with it. Never called from within a call
 * of the stream's methods, and never after the move is over.
 */
export type MoveWatcher = (bytes: number) => void;

/** Whom a stream at rest wakes. */
export interface StreamSleeper {
  /** Something has happened to the stream. It is to be woken, and listened to, before this returns: then it says what. */
  stirs(): void;
}

/** What is left of a stream at rest. It counts as a stream that nobody listens to: the descriptor is open. */
export interface RestingStream {
  /** The stream anew, as after `unlisten`. Once. */
  wake(): Stream;
}

/**
 * A bidirectional stream: ordered and flow-controlled bytes, or datagrams as they come. It begins held by 'no-listener'
 * until `listen`.
 */
export interface Stream {
  /** How the bytes of `received` are owned. */
  readonly ownership: Ownership;
  readonly framing: Framing;
  /** Whether small writes that follow one another leave together, so that nobody need join them before. Default: no. */
  readonly gathers?: boolean;
  /** The descriptor; undefined where there is none, or none to give away. */
  readonly descriptor: number | undefined;
  /** The stream inside of this one, to which what is written goes unchanged. */
  readonly carrier?: Stream;
  /** Whether all that was written is with the kernel, and no end waits; undefined where that is not known. */
  readonly isFlushed?: boolean;
  /** While it hands on bytes: what is known of more behind them. */
  readonly behind?: Behind | undefined;
  /** Sets the listener, once, or once more after `unlisten`; reading begins. */
  listen(listener: StreamListener): void;
  /**
   * Queues bytes. False means that more than the high-water mark waits now: stop until `drained`. Everything is
   * accepted all the same, so a caller that ignores it is a bug, bounded by one event's bytes.
   */
  write(bytes: Bytes, ownership: Ownership): boolean;
  /** Ends the sending direction after what is queued. */
  end(): void;
  hold(reason: HoldReason): void;
  release(reason: HoldReason): void;
  /**
   * Ends both directions now. 'reset' tells the peer so (TCP RST); so does every other destroy that drops bytes which were
   * written, because the peer would take the cut for an end.
   */
  destroy(how?: 'reset'): void;
  /** Switches TCP keepalive on; no effect on a stream without a connection. */
  keepAlive(): void;
  /**
   * Takes the listener off a quiet stream, so that it may get another one: all that came was handed on, all that was written
   * is with the kernel, neither direction has ended, and nothing but the call itself holds it. Then it is as before
   * `listen`, and may be asked that from within a call of its listener. False, or no such method: it stays as it is. With
   * 'left', what has come and no event has told of yet does not matter: the next listener gets it.
   */
  unlisten?(unread?: 'left'): boolean;
  /**
   * Gives up all of a stream that could do `unlisten`, but what wakes it. It is of no use any more then; what wakes is another
   * object. Undefined, or no such method: it stays as it is.
   */
  rest?(sleeper: StreamSleeper): RestingStream | undefined;
  /**
   * From now on the next `length` bytes (Infinity: all) that come go to `target` inside the kernel: the listener hears
   * nothing of them, and `moved` how many they are. What was written to the target goes before them; what is written
   * meanwhile goes behind those that were taken in. A hold stops taking in. All that was taken in is told of before
   * anything else is said to the listener, `ended` and `closed` included: where that is an error or the target is at its
   * end, what has not gone out counts as moved too. Undefined, or no such method, where that is not possible for this
   * pair, or not now.
   */
  moveTo?(target: Stream, length: number, moved: MoveWatcher): Move | undefined;
}
