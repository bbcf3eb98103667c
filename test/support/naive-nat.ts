// An independent model of NAT: addresses are whole numbers here, and each kind of NAT is a sentence of the reference.

import { IpAddress } from '../../src/address/ip-address.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { Subnet } from '../../src/address/subnet.ts';
import type { Nat } from '../../src/policy/nat.ts';
import type { NatSpec } from './random-nat.ts';

/** What is known where a NAT is asked. */
export interface NaivePair {
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly direction: 'snat' | 'dnat';
  readonly draw: number;
}

/** What an end becomes: undefined where it stays. */
export type NaiveTranslation = SocketAddress | 'refused' | undefined;

type SpecOf<Type extends NatSpec['type']> = Extract<NatSpec, { type: Type }>;

/** Translates one end. The choice of a sticky NAT is its own: the model only takes it from the list. */
export function naiveTranslate(nat: Nat, spec: NatSpec, pair: NaivePair): NaiveTranslation {
  switch (spec.type) {
    case 'general':
      return general(spec, pair);
    case 'static':
      return SocketAddress.parse(spec.address);
    case 'random':
      return random(nat, spec, pair);
    case 'hash':
      return hash(spec, pair);
    case 'one-to-one':
      return oneToOne(spec, pair);
    case 'nat64':
      return nat64(endOf(pair));
    case 'nat46':
      return nat46(endOf(pair));
  }
}

function endOf({ source, destination, direction }: NaivePair): SocketAddress {
  return direction === 'snat' ? source : destination;
}

function general({ mapping }: SpecOf<'general'>, pair: NaivePair): NaiveTranslation {
  const { source, destination, direction } = pair;
  const end = endOf(pair);
  for (const { from, to, translated } of mapping) {
    if (from !== undefined && !Subnet.parse(from).contains(source.address)) continue;
    if (to !== undefined && !Subnet.parse(to).contains(destination.address)) continue;
    const into = Subnet.parse(translated);
    if (into.network.family !== end.address.family) return 'refused';
    return placed(end, direction === 'snat' ? from : to, into);
  }
  return undefined;
}

function random(nat: Nat, spec: SpecOf<'random'>, pair: NaivePair): NaiveTranslation {
  const { addresses, sticky } = spec;
  if (!sticky) {
    const chosen = addresses[Math.floor(pair.draw * addresses.length)];
    return chosen === undefined ? undefined : SocketAddress.parse(chosen);
  }
  const answers = [0, 0.99].map((draw) => nat.translate(pair, pair.direction, draw));
  const [one, other] = answers.map((answer) =>
    answer.outcome === 'translated' ? answer.address : undefined,
  );
  const isListed = addresses.some((text) => String(SocketAddress.parse(text)) === String(one));
  return isListed && String(one) === String(other) ? one : 'refused';
}

function hash({ mapping, defaultReject }: SpecOf<'hash'>, pair: NaivePair): NaiveTranslation {
  const end = endOf(pair);
  const found = Object.entries(mapping).find(([from]) => IpAddress.parse(from).equals(end.address));
  if (found === undefined) return defaultReject ? 'refused' : undefined;
  return SocketAddress.of(IpAddress.parse(found[1]), pair.direction === 'snat' ? 0 : end.port);
}

function oneToOne(spec: SpecOf<'one-to-one'>, pair: NaivePair): NaiveTranslation {
  const end = endOf(pair);
  if (Subnet.parse(spec.from).contains(end.address))
    return placed(end, spec.from, Subnet.parse(spec.to));
  return spec.defaultReject ? 'refused' : undefined;
}

function nat64({ address, port }: SocketAddress): NaiveTranslation {
  if (address.family !== 'ipv6') return 'refused';
  return SocketAddress.of(addressOf(valueOf(address) & 0xffff_ffffn, 'ipv4'), port);
}

function nat46({ address, port }: SocketAddress): NaiveTranslation {
  if (address.family !== 'ipv4') return 'refused';
  return SocketAddress.of(IpAddress.parse(`64:ff9b::${String(address)}`), port);
}

/** The host part of an address, as much of it as there is room for, in another subnet. */
function placed(
  { address, port }: SocketAddress,
  inside: string | undefined,
  into: Subnet,
): SocketAddress {
  const host = valueOf(address) & hostMask(inside === undefined ? undefined : Subnet.parse(inside));
  const value = valueOf(into.network) | (host & hostMask(into));
  return SocketAddress.of(addressOf(value, address.family), port);
}

/** Ones where a subnet leaves the bits open; without a subnet all are. */
function hostMask(subnet: Subnet | undefined): bigint {
  const bits = subnet === undefined ? 128 : subnet.network.bitLength - subnet.prefixLength;
  return (1n << BigInt(bits)) - 1n;
}

function valueOf({ words }: IpAddress): bigint {
  return words.reduce((value, word) => (value << 32n) | BigInt(word), 0n);
}

function addressOf(value: bigint, family: 'ipv4' | 'ipv6'): IpAddress {
  const places = family === 'ipv4' ? [0n] : [96n, 64n, 32n, 0n];
  const words = places.map((place) => Number((value >> place) & 0xffff_ffffn));
  return IpAddress.fromWords(family, words);
}
