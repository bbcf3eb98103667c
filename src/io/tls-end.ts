// Whether TLS has ended as it must, by its closing alert (close_notify, RFC 8446, 6.1), or the connection beneath was
// just closed, by whoever: then what is missing is missing without a trace. Node says 'end' for both, at once, but the
// state of the carrier differs.

import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** The part of a handle of Node that says whether libuv reads it. */
interface ReadHandle {
  readonly reading?: boolean;
  readStart(): number;
  readStop(): number;
}

/** Whether what a peer sends has ended without the closing alert so far. */
export interface TlsEnd {
  isTruncated: boolean;
}

/** Watches the end of what a peer sends. */
export function watchEnd(socket: TLSSocket, carrier: Duplex): TlsEnd {
  const end = { isTruncated: false };
  const push = socket.push.bind(socket);
  // Only in the very call in which TLS has ended is known how: right behind the alert mostly comes the end of the carrier.
  socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null) end.isTruncated = hasEnded(carrier);
    return push(chunk, encoding);
  };
  return end;
}

/**
 * Whether the carrier has ended before TLS. What is read by OpenSSL itself shows no event here, but libuv says whether it still
 * reads: it stops at the end of a connection, and when the socket of TLS has told it so, which that knows.
 */
function hasEnded(carrier: Duplex): boolean {
  // The types of Node leave the handle out.
  const handle = (carrier as { readonly _handle?: Partial<ReadHandle> | null })._handle;
  if (!isReadHandle(handle)) return carrier.readableEnded;
  if (handle.reading === false) return false;
  if (handle.readStart() === -constants.errno.EALREADY) return false;
  handle.readStop();
  return true;
}

function isReadHandle(handle: Partial<ReadHandle> | null | undefined): handle is ReadHandle {
  return typeof handle?.readStart === 'function' && typeof handle.readStop === 'function';
}
