// NAT: what a service translates the two ends of its server connection into. The kinds of it are in the other nat files.

import type { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { Subnet } from '../address/subnet.ts';

/** Which end is translated: `snat` where the connection comes from, `dnat` where it goes to. */
export type NatDirection = 'snat' | 'dnat';

/** The two ends before any translation: both directions see the same pair. Undefined: that end is not known. */
export interface NatPair {
  readonly source: SocketAddress | undefined;
  readonly destination: SocketAddress | undefined;
}

/** What came of a translation; `unmapped` leaves the end as it would be without NAT. */
export type Translation =
  | { readonly outcome: 'translated'; readonly address: SocketAddress }
  | { readonly outcome: 'unmapped' }
  | { readonly outcome: 'refused'; readonly message: string };

/** One line of a NAT that maps ranges: for which connections it is, and where the host part of their end goes. */
export interface RangeMapping {
  /** Where the connection comes from; undefined: anywhere. */
  readonly from: Subnet | undefined;
  /** Where the connection goes to; undefined: anywhere. */
  readonly to: Subnet | undefined;
  readonly translated: Subnet;
  /** The port that the end gets; undefined: the one that it has. 0: any for a source, the one asked for of a server. */
  readonly port: number | undefined;
}

/** A NAT as ranges, which a packet filter can do too: the first line that fits counts. */
export interface NatRanges {
  readonly mappings: readonly RangeMapping[];
  /** What becomes of an end for which no line is. */
  readonly otherwise: 'unmapped' | 'refused';
}

/** Translates one end of a server connection. Pure: what is random comes in as `draw`. */
export interface Nat {
  readonly kind: 'nat';
  readonly type: 'general' | 'static' | 'random' | 'hash' | 'one-to-one' | 'nat64' | 'nat46';
  /** Whether a `dnat` result depends on the target alone, so that it can be told before there is a client. */
  readonly isByTargetAlone: boolean;
  /** The same as ranges, by the end that is translated; undefined where it is more than that. */
  readonly ranges: Readonly<Record<NatDirection, NatRanges>> | undefined;
  /** `draw` is a random number of [0, 1), for those that choose. */
  translate(pair: NatPair, direction: NatDirection, draw: number): Translation;
  /** One line in English. */
  explain(): string;
}

/** Nothing is known of this end, or nothing translates it. */
export const UNMAPPED: Translation = Object.freeze({ outcome: 'unmapped' });

/** The end that a direction translates. */
export function endOf(pair: NatPair, direction: NatDirection): SocketAddress | undefined {
  return direction === 'snat' ? pair.source : pair.destination;
}

/** A translation into an address. What looks like IPv4 in IPv6 is IPv4, as for every connection. */
export function translatedInto(address: IpAddress, port: number): Translation {
  return { outcome: 'translated', address: SocketAddress.of(address.unmapped(), port) };
}

/** Ranges of ends that are translated, whichever the end is: the other one does not count. */
export function rangesByEnd(
  lines: readonly { readonly inside: Subnet | undefined; readonly translated: Subnet }[],
  { otherwise, port }: { readonly otherwise: NatRanges['otherwise']; readonly port?: number },
): Readonly<Record<NatDirection, NatRanges>> {
  const ranges = lines.map(({ inside, translated }) => ({ inside, translated, port }));
  return {
    snat: {
      mappings: ranges.map(({ inside, ...to }) => ({ from: inside, to: undefined, ...to })),
      otherwise,
    },
    dnat: {
      mappings: ranges.map(({ inside, ...to }) => ({ from: undefined, to: inside, ...to })),
      otherwise,
    },
  };
}

/** A refusal; the decision record tells its sentence. */
export function refusedBecause(message: string): Translation {
  return { outcome: 'refused', message };
}
