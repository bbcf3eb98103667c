// A subnet: the addresses that share their first bits. What zones and rules are written in.

import { parseDecimal } from './decimal.ts';
import { IpAddress } from './ip-address.ts';
import { readIpText } from './ip-text.ts';
import { SHOWN } from './shown.ts';

const MAPPED_PREFIX_LENGTH = 96; // ::ffff:0:0/96 holds the IPv4-mapped addresses (RFC 4291, 2.5.5.2)

/** An IPv4 or IPv6 subnet in prefix notation (RFC 4632, 3.1; RFC 4291, 2.3). Immutable. */
export class Subnet {
  /** The address as it was written, host bits and all: `192.168.0.1` of `192.168.0.1/24`. */
  readonly address: IpAddress;
  /** How many leading bits all addresses of the subnet share: 0-32 or 0-128. */
  readonly prefixLength: number;
  /** The first address: `192.168.0.0` of `192.168.0.1/24`. */
  readonly network: IpAddress;
  /** The last address: `192.168.0.255` of `192.168.0.1/24`. */
  readonly broadcast: IpAddress;
  /** The shared bits as a mask: `255.255.255.0` of `192.168.0.1/24`. */
  readonly netmask: IpAddress;

  /**
   * Makes the subnet around an address: a single host unless a prefix length is given. Throws a
   * RangeError for a prefix length that the family does not have, and for IPv4-mapped addresses.
   */
  constructor(address: IpAddress, prefixLength: number = address.bitLength) {
    const cure = cureOfMapped(address, prefixLength);
    if (cure !== undefined) {
      throw new RangeError(`Cannot make subnet ${address.toString()}/${prefixLength}: ${cure}`);
    }
    const netmask = IpAddress.netmask(address.family, prefixLength);
    const masks = netmask.words;
    const maskAt = (index: number): number => masks[index] ?? 0;
    const first = address.words.map((word, index) => (word & maskAt(index)) >>> 0);
    const last = address.words.map((word, index) => (word | ~maskAt(index)) >>> 0);
    this.address = address;
    this.prefixLength = prefixLength;
    this.network = IpAddress.fromWords(address.family, first);
    this.broadcast = IpAddress.fromWords(address.family, last);
    this.netmask = netmask;
    Object.freeze(this); // functions of the policy see it in zones, and others have the same one
  }

  /**
   * Reads `192.0.2.0/24`, `2001:db8::/32` or a single host. Throws a SyntaxError, which names the
   * value and the cure, for anything else, and for a subnet of IPv4-mapped addresses.
   */
  static parse(text: string): Subnet {
    const reading = readSubnet(text);
    if ('cure' in reading) {
      throw new SyntaxError(`Cannot parse subnet ${JSON.stringify(text)}: ${reading.cure}`);
    }
    return new Subnet(reading.address, reading.prefixLength);
  }

  /** Like `parse()`, but a text that `parse()` refuses is `undefined`. */
  static tryParse(text: string): Subnet | undefined {
    const reading = readSubnet(text);
    return 'cure' in reading ? undefined : new Subnet(reading.address, reading.prefixLength);
  }

  /** Whether the subnet is one address: /32 or /128. */
  get isHost(): boolean {
    return this.prefixLength === this.address.bitLength;
  }

  /** Whether the address, or every address of the other subnet, is in this one. Never true across families. */
  contains(other: IpAddress | Subnet): boolean {
    if (other instanceof Subnet) {
      return other.prefixLength >= this.prefixLength && this.contains(other.network);
    }
    const { network, netmask } = this;
    return (
      other.family === network.family &&
      ((other.word0 ^ network.word0) & netmask.word0) === 0 &&
      ((other.word1 ^ network.word1) & netmask.word1) === 0 &&
      ((other.word2 ^ network.word2) & netmask.word2) === 0 &&
      ((other.word3 ^ network.word3) & netmask.word3) === 0
    );
  }

  /** Whether both hold the same addresses: `192.168.0.1/24` equals `192.168.0.0/24`. */
  equals(other: Subnet): boolean {
    return this.prefixLength === other.prefixLength && this.network.equals(other.network);
  }

  /** The canonical text, host bits cleared: `192.168.0.0/24` of `192.168.0.1/24`. Hosts keep their /32 or /128. */
  toString(): string {
    return `${this.network.toString()}/${this.prefixLength}`;
  }

  [SHOWN](): string {
    return `Subnet ${this.toString()}`;
  }
}

type SubnetReading =
  { readonly address: IpAddress; readonly prefixLength: number } | { readonly cure: string };

function readSubnet(text: string): SubnetReading {
  const slash = text.indexOf('/');
  const addressText = slash === -1 ? text : text.slice(0, slash);
  const reading = readIpText(addressText);
  if ('cure' in reading) return reading;
  const address = IpAddress.parse(addressText);
  const bits = address.bitLength;
  const prefixLength = slash === -1 ? bits : parseDecimal(text.slice(slash + 1), bits);
  if (prefixLength === undefined) {
    const length = lengthOfMask(text.slice(slash + 1));
    if (length !== undefined && bits === 32) return { cure: `write ${addressText}/${length}` };
    return { cure: `prefix must be 0-${bits}, without sign or leading zeros` };
  }
  const cure = cureOfMapped(address, prefixLength);
  return cure === undefined ? { address, prefixLength } : { cure };
}

/** The prefix length of a netmask such as `255.255.0.0`. */
function lengthOfMask(text: string): number | undefined {
  const mask = IpAddress.tryParse(text);
  if (mask?.family !== 'ipv4') return undefined;
  const length = Math.clz32(~mask.word0);
  return IpAddress.netmask('ipv4', length).equals(mask) ? length : undefined;
}

/** Peers' addresses become IPv4 at accept, so a subnet of mapped ones would match nobody: say so at load. */
function cureOfMapped(address: IpAddress, prefixLength: number): string | undefined {
  if (!address.isIpv4Mapped || prefixLength < MAPPED_PREFIX_LENGTH) return undefined;
  return `write it as IPv4: ${address.unmapped().toString()}/${prefixLength - MAPPED_PREFIX_LENGTH}`;
}
