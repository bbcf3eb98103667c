// A connection of the driver goes on as a socket of Node: for TLS, and for whatever else can only stand on one.

import { Socket } from 'node:net';
import type { DriverStream } from './driver-stream.ts';

/**
 * Makes a socket of Node of a stream, whose listener hears nothing more. `alreadyRead` is what came out of the stream and
 * is to come out of the socket first; what was written and has not gone out goes first too. The descriptor stays
 * counted as what it was. The socket is paused. Undefined: the stream is closed, or its bytes are being moved inside the kernel.
 */
export function takeOver(
  stream: DriverStream,
  alreadyRead: readonly Uint8Array[] = [],
): Socket | undefined {
  const left = stream.leave();
  if (left === undefined) return undefined;
  const { budget, descriptor, use, unsent, isEnding } = left;
  const socket = new Socket({
    fd: descriptor,
    readable: true,
    writable: true,
    allowHalfOpen: true,
  });
  budget.charge(socket, use);
  socket.pause();
  for (const bytes of alreadyRead.toReversed()) socket.unshift(Buffer.from(bytes));
  for (const bytes of unsent) socket.write(bytes);
  if (isEnding) socket.end();
  return socket;
}
