// The lock behind the lock: whatever bound a socket, a server connection comes from where the policy said, and leads where
// the policy said, or there is none.

import type { SocketAddress } from '../address/socket-address.ts';

/** A connection as it was asked for: `port` is the local port that was tried, 0 for any. */
export interface WantedEnds {
  readonly remote: SocketAddress;
  readonly local: SocketAddress | undefined;
  readonly port: number;
}

/** What is wrong with the local address that a connection has got: the code to fail with, or undefined. */
export function checkSource(
  got: SocketAddress | undefined,
  { remote, local, port }: WantedEnds,
): string | undefined {
  if (got === undefined || !isWanted(got, local, port)) return 'EADDRNOTAVAIL';
  // TCP joined the socket with itself: nobody listens on that port.
  return isSame(got, remote) ? 'ECONNREFUSED' : undefined;
}

/**
 * What is wrong with the peer that a connection has got: the code to fail with, or undefined. The kernel takes some
 * addresses for others: a connect to 0.0.0.0 reaches this machine.
 */
export function checkPeer(
  got: SocketAddress | undefined,
  remote: SocketAddress,
): string | undefined {
  return got !== undefined && isSame(got, remote) ? undefined : 'EWRONGPEER';
}

function isWanted(got: SocketAddress, wanted: SocketAddress | undefined, port: number): boolean {
  if (wanted === undefined) return true;
  if (port !== 0 && got.port !== port) return false;
  const address = wanted.address.unmapped();
  return address.words.every((word) => word === 0) || address.equals(got.address);
}

function isSame(one: SocketAddress, other: SocketAddress): boolean {
  return one.port === other.port && one.address.equals(other.address.unmapped());
}
