// Addresses as Node tells them, made ours: the one place where an IPv4-mapped address of a peer becomes IPv4.

import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';

/** The socket address of Node's two halves; undefined where the socket has none any more. */
export function socketAddressOf(
  address: string | undefined,
  port: number | undefined,
): SocketAddress | undefined {
  if (address === undefined || port === undefined) return undefined;
  const [withoutZone = ''] = address.split('%'); // Node writes link-local addresses as fe80::1%eth0
  const parsed = IpAddress.tryParse(withoutZone)?.unmapped();
  return parsed === undefined ? undefined : SocketAddress.of(parsed, port);
}
