// Which addresses DNS may put into a zone, and what an address of a host name is there.

import type { IpAddress } from '../address/ip-address.ts';
import type { SpecialKind } from '../address/special-address.ts';
import { specialBlock } from '../address/special-address.ts';
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

/**
 * Why an address from DNS counts for nothing; undefined if it may be that of a host. Whoever answers for a name must not
 * be able to make this machine itself part of a zone, and so reach what listens only for it, nor the services of the
 * link, such as 169.254.169.254 of a cloud, which gives out keys: such an address never belongs into DNS (RFC 3927,
 * 2.8). Private addresses may: that is how names inside a company look.
 */
export function refusedHostAddress(address: IpAddress): string | undefined {
  const kind = specialBlock(address)?.kind ?? 'documentation';
  return REFUSED[kind];
}

const REFUSED: Readonly<Record<SpecialKind, string | undefined>> = {
  'this-machine': 'it is of this machine itself',
  'link-local': 'it is a link-local address',
  metadata: 'it gives out the metadata of a machine in a cloud',
  multicast: 'it is a multicast address',
  reserved: 'it is a reserved address',
  private: undefined,
  documentation: undefined,
};
