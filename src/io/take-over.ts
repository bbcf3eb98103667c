// A connection of the driver goes on as a socket of Node: for TLS, and for whatever else can only stand on one.

import { Socket } from 'node:net';
import type { DriverStream } from './driver-stream.ts';
import { EAGAIN, MSG_PEEK } from './linux-constants.ts';
import { resetOnClose } from './socket-option.ts';
import type { SystemCalls } from './socket-option.ts';

/** A socket of Node that was a stream of the driver. */
export class TakenSocket extends Socket {
  readonly #calls: SystemCalls;
  readonly #descriptor: number;

  constructor(calls: SystemCalls, descriptor: number) {
    super({ fd: descriptor, readable: true, writable: true, allowHalfOpen: true });
    this.#calls = calls;
    this.#descriptor = descriptor;
  }

  /** Whether something has come, be it the end or an error, that Node has not read. */
  hasUnread(): boolean {
    if (this.destroyed) return true;
    const { libc, parameters } = this.#calls;
    const length = libc.recv(this.#descriptor, parameters.address, 1, MSG_PEEK);
    return length !== -1 || libc.errno() !== EAGAIN;
  }

  /** Has its close reset the connection. Node itself can not do that while TLS stands on it. */
  resetOnClose(): void {
    if (!this.destroyed) resetOnClose(this.#calls, this.#descriptor);
  }
}

/**
 * Makes a socket of Node of a stream, whose listener hears nothing more. `alreadyRead` is what came out of the stream and
 * is to come out of the socket first; what was written and has not gone out goes first too. The descriptor stays
 * counted as what it was. The socket is paused. Undefined: the stream is closed, or its bytes are being moved inside the kernel.
 */
export function takeOver(
  stream: DriverStream,
  alreadyRead: readonly Uint8Array[] = [],
): TakenSocket | undefined {
  const left = stream.leave();
  if (left === undefined) return undefined;
  const { calls, budget, descriptor, use, unsent, isEnding } = left;
  const socket = new TakenSocket(calls, descriptor);
  budget.charge(socket, use);
  socket.pause();
  for (const bytes of alreadyRead.toReversed()) socket.unshift(Buffer.from(bytes));
  for (const bytes of unsent) socket.write(bytes);
  if (isEnding) socket.end();
  return socket;
}
