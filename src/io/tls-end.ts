// Whether TLS has ended as it should, with its closing alert, or somebody on the way has just closed the connection
// (RFC 8446, 6.1). Node says the same in both cases, but not at the same moment.

import type { TLSSocket } from 'node:tls';
import type { StreamDuplex } from './stream-duplex.ts';

/** What of the handle of a connection is asked. */
interface Reader {
  /** 0 where reading begins again, an error where it has not stopped. */
  readonly readStart: () => number;
  readonly readStop: () => number;
}

/**
 * Watches for the end of a socket: the returned function says whether it was cut off. `carrier` is what carries TLS, if it is
 * no connection. Where Node does not let us look, every end is a good one.
 */
export function watchEnd(socket: TLSSocket, carrier: StreamDuplex | undefined): () => boolean {
  const isOver = carrier === undefined ? stopOf(socket) : (): boolean => carrier.hasEnded;
  let isCut: boolean | undefined;
  const { push } = socket;
  // Node pushes the end at the closing alert, while the connection is still read, or at the end of the connection, which is not
  // read any more then. When it says `end`, maybe much later, both may have come.
  socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null) isCut ??= isOver();
    return push.call(socket, chunk, encoding);
  };
  return () => isCut === true;
}

/** Whether the connection beneath a socket has stopped to be read, as libuv does at its end. */
function stopOf(socket: TLSSocket): () => boolean {
  // Not documented: the handle of the connection that the handle of TLS stands on.
  const handle = (socket as unknown as { _handle?: { _parent?: Partial<Reader> } })._handle;
  const { readStart, readStop } = handle?._parent ?? {};
  if (readStart === undefined || readStop === undefined) return () => false;
  const parent = handle?._parent;
  return () => {
    if (readStart.call(parent) !== 0) return false;
    readStop.call(parent);
    return true;
  };
}
