// Which addresses DNS may put into a zone, and what an address of a host name is there.

import type { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { linkLocalSubnet, ownSubnet } from './own-address.ts';
import type { Zone } from './zone.ts';

/** An address that is in a zone because a host name of the zone has it. */
export class HostAddress {
  readonly zone: Zone;
  readonly host: string;
  readonly address: IpAddress;

  constructor(zone: Zone, host: string, address: IpAddress) {
    this.zone = zone;
    this.host = host;
    this.address = address;
  }

  toString(): string {
    return `${this.host} is ${String(this.address)}`;
  }
}

const MULTICAST = [Subnet.parse('224.0.0.0/4'), Subnet.parse('ff00::/8')]; // RFC 5771, RFC 4291
const RESERVED = Subnet.parse('240.0.0.0/4'); // RFC 1112, 4; with the broadcast address

/**
 * Why an address from DNS counts for nothing; undefined if it may be that of a host. Whoever answers for a name must not
 * be able to make this machine itself part of a zone, and so reach what listens only for it, nor the services of the
 * link, such as 169.254.169.254 of a cloud, which gives out keys: such an address never belongs into DNS (RFC 3927,
 * 2.8). Private addresses may: that is how names inside a company look.
 */
export function refusedHostAddress(address: IpAddress): string | undefined {
  const isIn = (subnets: readonly Subnet[]): boolean =>
    subnets.some((subnet) => subnet.contains(address));
  if (ownSubnet(address) !== undefined) return 'it is of this machine itself';
  if (isIn(MULTICAST)) return 'it is a multicast address';
  if (linkLocalSubnet(address) !== undefined) return 'it is a link-local address';
  return RESERVED.contains(address) ? 'it is a reserved address' : undefined;
}
