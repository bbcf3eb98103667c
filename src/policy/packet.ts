// What rules look at: the first packet of a connection, as the packet filter or an accepted socket tells of it.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Zone } from './zone.ts';

/** The network interface through which a packet came in. */
export interface IncomingInterface {
  readonly name: string;
  /** Interface group, as `ip link set DEVICE group NUMBER` sets it; 0 is that of all others. */
  readonly group: number;
  /** The local addresses of this interface. */
  readonly addresses: readonly IpAddress[];
}

/** The facts of a packet that rules can ask for. */
export interface Packet {
  readonly client: SocketAddress;
  /** The original destination: before NAT and whatever a router makes of it. */
  readonly local: SocketAddress;
  readonly clientZone: Zone | undefined;
  readonly destinationZone: Zone | undefined;
  /** IP protocol number: 6 is TCP, 17 UDP. */
  readonly protocol: number;
  readonly icmp?: { readonly type: number; readonly code: number } | undefined;
  /** Undefined for traffic of this machine itself. */
  readonly incoming?: IncomingInterface | undefined;
  /** Request id of the IPsec policy that decapsulated the packet. */
  readonly requestId?: number | undefined;
}
