// What comes of reading a PROXY header: more is needed, it is whole, or it is none that may be taken.

import type { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';

/** The ends of a connection as its client sees them. */
export interface ProxiedEnds {
  readonly client: SocketAddress;
  /** Where the client connected to. */
  readonly local: SocketAddress;
}

/** What is wrong with a header: the last word of its reason code. */
export type HeaderFault = 'missing' | 'malformed' | 'too-long' | 'checksum' | 'unsupported';

/** What comes of reading a header. */
export type HeaderReading =
  | { readonly state: 'incomplete' }
  | {
      readonly state: 'complete';
      /** Bytes of the header: what follows is the client's. */
      readonly length: number;
      /** Undefined: the sender speaks for itself, as in a health check, and the addresses are those of its connection. */
      readonly ends: ProxiedEnds | undefined;
    }
  | { readonly state: 'faulty'; readonly fault: HeaderFault; readonly message: string };

/** More bytes are needed. */
export const INCOMPLETE: HeaderReading = Object.freeze({ state: 'incomplete' });

/** It is no header, or none that may be taken. */
export function faulty(fault: HeaderFault, message: string): HeaderReading {
  return { state: 'faulty', fault, message };
}

/** An end as a connection would have it: an IPv4-mapped address is IPv4, or it would slip past the zones of IPv4. */
export function endOf(address: IpAddress, port: number): SocketAddress {
  return SocketAddress.of(address.unmapped(), port);
}
