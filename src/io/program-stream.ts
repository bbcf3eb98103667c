// One end of an external program as a Stream: a UNIX socket whose end is only told when it is known to be a proper one.
// A program that fails closes its sockets just as one that is done, and a cut must not look like an end.

import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { HoldSet } from '../session/hold-set.ts';
import type { HoldReason, Ownership, Stream, StreamListener } from '../session/stream.ts';
import { errorCode } from './error-code.ts';
import { SocketStream } from './socket-stream.ts';

// A program that closes one of its descriptors and runs on for longer than this means it: the end is told then. The exit
// of one that closes them because it is over is known within a few milliseconds, and says more than the end of a stream.
const END_GRACE_MS = 1_000;

/** The error of a stream whose program failed or was killed, and of a socket whose other end was closed with bytes unread. */
const RESET = 'ECONNRESET';

/** What a stream tells the one that runs the program. */
export interface ProgramStreamOwner {
  /** Bytes have passed. */
  moved(): void;
  /** The descriptor is free. */
  closed(): void;
}

/** A socket of a program. */
export class ProgramStream implements Stream, StreamListener {
  readonly ownership: Ownership = 'given';
  readonly framing = 'bytes';
  readonly descriptor = undefined;
  readonly #inner: SocketStream;
  readonly #owner: ProgramStreamOwner;
  readonly #holds = new HoldSet();
  #listener: StreamListener | undefined;
  /** What an end of the socket means: not known while the program runs, but for one that runs on without it. */
  #outcome: 'unknown' | 'proper' | 'cut' = 'unknown';
  #end: 'not-come' | 'withheld' | 'told' = 'not-come';
  #isGone = false;
  /** Why the socket is gone, if something of what it gave is lost. */
  #loss: string | undefined;
  #isDestroyed = false;
  #isClosed = false;
  /** Whether nothing was lost when the socket failed. */
  #isLossless: boolean | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(socket: Socket, owner: ProgramStreamOwner) {
    this.#owner = owner;
    // A program that closes its end, with bytes unread perhaps, fails our reads or writes. That is no loss if all that it
    // gave was read before; Node throws the rest away.
    const note = (): void => {
      this.#isLossless ??= isReadToEnd(socket);
    };
    this.#inner = new SocketStream(socket, { kind: 'unix', writeFailed: note });
    socket.once('error', (error) => {
      if (errorCode(error) === RESET) this.#isLossless ??= socket.readableLength === 0;
    });
    socket.once('close', () => {
      clearTimeout(this.#grace);
      owner.closed();
    });
  }

  /** The program is over. `proper`: what it gave is all that it had to give. */
  settle(outcome: 'proper' | 'cut'): void {
    if (this.#outcome !== 'cut') this.#outcome = outcome;
    this.#sayWhatIsDue();
  }

  /** Cuts the stream off now, whatever waits in it. */
  cut(): void {
    this.#outcome = 'cut';
    this.#withholdEnd();
    this.#inner.destroy();
    this.#sayWhatIsDue();
  }

  listen(listener: StreamListener): void {
    if (this.#listener !== undefined) throw new Error('A stream has one listener, set once');
    this.#listener = listener;
    this.#inner.listen(this);
    queueMicrotask(() => this.#sayWhatIsDue());
  }

  write(bytes: Uint8Array, ownership: Ownership): boolean {
    if (bytes.length > 0) this.#owner.moved();
    return this.#inner.write(bytes, ownership);
  }

  end(): void {
    this.#inner.end();
  }

  hold(reason: HoldReason): void {
    this.#holds.add(reason);
    this.#inner.hold(reason);
  }

  release(reason: HoldReason): void {
    this.#inner.release(reason);
    if (this.#holds.remove(reason)) queueMicrotask(() => this.#sayWhatIsDue());
  }

  destroy(how?: 'reset'): void {
    this.#isDestroyed = true;
    this.#inner.destroy(how);
    queueMicrotask(() => this.#sayWhatIsDue());
  }

  keepAlive(): void {
    // No connection that could die unseen.
  }

  received(bytes: Uint8Array): void {
    this.#owner.moved();
    this.#listener?.received(bytes);
  }

  ended(): void {
    this.#withholdEnd();
    this.#sayWhatIsDue();
  }

  drained(): void {
    this.#owner.moved();
    this.#listener?.drained();
  }

  closed(error?: string): void {
    this.#isGone = true;
    if (this.#isLossless !== true) this.#loss = error;
    this.#withholdEnd();
    this.#sayWhatIsDue();
  }

  #withholdEnd(): void {
    if (this.#end !== 'not-come') return;
    this.#end = 'withheld';
    if (this.#outcome !== 'unknown') return;
    this.#grace = setTimeout(() => {
      this.settle(this.#outcome === 'unknown' ? 'proper' : this.#outcome);
    }, END_GRACE_MS);
  }

  #sayWhatIsDue(): void {
    if (this.#isDestroyed) this.#closeIf(this.#isGone, undefined);
    else if (this.#loss !== undefined) this.#closeIf(this.#outcome !== 'unknown', this.#loss);
    else if (this.#outcome === 'cut') this.#cutOff();
    else {
      if (this.#outcome === 'proper') this.#tellEnd();
      this.#closeIf(this.#isGone && this.#end === 'told', undefined);
    }
  }

  /** What it gave before it failed is still told; then comes the cut. */
  #cutOff(): void {
    if (this.#end === 'not-come') return;
    this.#inner.destroy();
    this.#closeIf(true, RESET);
  }

  #tellEnd(): void {
    if (this.#listener === undefined || this.#end !== 'withheld' || this.#holds.isHeld) return;
    this.#end = 'told';
    this.#listener.ended();
  }

  #closeIf(isDue: boolean, error: string | undefined): void {
    if (!isDue || this.#isClosed || this.#listener === undefined) return;
    this.#isClosed = true;
    this.#listener.closed(error);
  }
}

/** Whether nothing more can be read from a socket whose other end is closed. It takes a byte if there is one. */
function isReadToEnd(socket: Socket): boolean {
  if (socket.readableEnded) return true;
  if (socket.readableLength > 0) return false;
  // Node tells nobody the descriptor of a socket; where it changes its mind, a failure counts as a loss.
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } };
  try {
    return handle?.fd !== undefined && readSync(handle.fd, Buffer.alloc(1)) === 0;
  } catch (error) {
    return errorCode(error) === RESET; // which comes behind the last byte
  }
}
