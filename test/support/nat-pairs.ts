// Translations in tests as text: an address, or what came of it instead.

import { SocketAddress } from '../../src/address/socket-address.ts';
import type { Nat, NatDirection } from '../../src/policy/nat.ts';

/** The two ends as text. */
export interface PairText {
  readonly source?: string;
  readonly destination?: string;
}

/** What a NAT makes of a pair: an address with its port, `unmapped`, or `refused`. */
export function translationOf(nat: Nat, direction: NatDirection, pair: PairText, draw = 0): string {
  const read = (text: string | undefined): SocketAddress | undefined =>
    text === undefined ? undefined : SocketAddress.parse(text);
  const ends = { source: read(pair.source), destination: read(pair.destination) };
  const result = nat.translate(ends, direction, draw);
  return result.outcome === 'translated' ? String(result.address) : result.outcome;
}

/** What a NAT makes of a server address as `dnat`, ports left aside. */
export function serverOf(nat: Nat, address: string): string {
  const isIpv6 = address.includes(':');
  const destination = isIpv6 ? `[${address}]:80` : `${address}:80`;
  return translationOf(nat, 'dnat', { destination }).replace(/^\[?(.*?)\]?:80$/, '$1');
}
