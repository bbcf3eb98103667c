// Which addresses are not those of ordinary hosts of the internet: what the registries of IANA set apart, and the forms
// of IPv6 that stand for such an IPv4 address. Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890),
// IPv6 Address Space, and what providers of clouds document of their metadata services.

import { IpAddress } from './ip-address.ts';
import { Subnet } from './subnet.ts';
import { SubnetTree } from './subnet-tree.ts';

/**
 * What a special address is for: `documentation` is for examples and belongs to nobody, `reserved` is for nobody yet, for
 * tests, or a form that should not be used any more.
 */
export type SpecialKind =
  | 'this-machine'
  | 'link-local'
  | 'metadata'
  | 'private'
  | 'multicast'
  | 'reserved'
  | 'documentation';

/** The block of special addresses that an address is in. */
export interface SpecialBlock {
  readonly kind: SpecialKind;
  /** All addresses of the block. */
  readonly subnet: Subnet;
  /** Its name, such as "private use", as a constant text. */
  readonly name: string;
}

/** A special address with the block that makes it one, for traces. */
export class SpecialAddress {
  readonly address: IpAddress;
  readonly block: SpecialBlock;

  constructor(address: IpAddress, block: SpecialBlock) {
    this.address = address;
    this.block = block;
  }

  toString(): string {
    return `${String(this.address)} is of ${String(this.block.subnet)}, ${this.block.name}`;
  }
}

type Row = readonly [subnet: string, kind: SpecialKind | 'ordinary', name: string];

/** The most specific row counts, so what is ordinary cuts a hole into a wider row. */
const IPV4_ROWS: readonly Row[] = [
  ['0.0.0.0/8', 'this-machine', 'this network'],
  ['10.0.0.0/8', 'private', 'private use'],
  ['100.64.0.0/10', 'private', 'shared address space'],
  ['127.0.0.0/8', 'this-machine', 'loopback'],
  ['168.63.129.16/32', 'metadata', 'metadata of a cloud'], // Azure, an address of the internet by its form
  ['169.254.0.0/16', 'link-local', 'link-local'],
  ['169.254.169.254/32', 'metadata', 'metadata of a cloud'], // AWS, Azure, Google Cloud and others
  ['169.254.170.2/32', 'metadata', 'metadata of a cloud'], // AWS, for containers
  ['172.16.0.0/12', 'private', 'private use'],
  ['100.100.100.200/32', 'metadata', 'metadata of a cloud'], // Alibaba Cloud
  ['192.0.0.0/24', 'reserved', 'IETF protocol assignments'],
  ['192.0.0.9/32', 'ordinary', 'port control protocol anycast'],
  ['192.0.0.10/32', 'ordinary', 'TURN anycast'],
  ['192.0.0.192/32', 'metadata', 'metadata of a cloud'], // Oracle Cloud
  ['192.0.2.0/24', 'documentation', 'documentation'],
  ['192.88.99.0/24', 'reserved', '6to4 relay anycast'],
  ['192.168.0.0/16', 'private', 'private use'],
  ['198.18.0.0/15', 'reserved', 'benchmarking'],
  ['198.51.100.0/24', 'documentation', 'documentation'],
  ['203.0.113.0/24', 'documentation', 'documentation'],
  ['224.0.0.0/4', 'multicast', 'multicast'],
  ['240.0.0.0/4', 'reserved', 'reserved'],
  ['255.255.255.255/32', 'multicast', 'limited broadcast'],
];

/** Only 2000::/3 is given out for hosts of the internet; whatever else is not listed waits for a use. */
const IPV6_ROWS: readonly Row[] = [
  ['::/0', 'reserved', 'not assigned'],
  ['2000::/3', 'ordinary', 'global unicast'],
  ['::/96', 'reserved', 'IPv4-compatible'],
  ['::/128', 'this-machine', 'unspecified'],
  ['::1/128', 'this-machine', 'loopback'],
  ['::ffff:0:0:0/96', 'reserved', 'IPv4-translated'],
  ['64:ff9b::/96', 'ordinary', 'NAT64'],
  ['64:ff9b:1::/48', 'private', 'NAT64 for local use'],
  ['100::/64', 'reserved', 'discard-only'],
  ['100:0:0:1::/64', 'reserved', 'dummy prefix'],
  ['2001::/23', 'reserved', 'IETF protocol assignments'],
  ['2001::/32', 'reserved', 'Teredo'],
  ['2001:1::1/128', 'ordinary', 'port control protocol anycast'],
  ['2001:1::2/128', 'ordinary', 'TURN anycast'],
  ['2001:2::/48', 'reserved', 'benchmarking'],
  ['2001:3::/32', 'ordinary', 'AMT'],
  ['2001:4:112::/48', 'ordinary', 'AS112'],
  ['2001:20::/28', 'ordinary', 'ORCHIDv2'],
  ['2001:30::/28', 'ordinary', 'drone remote identification'],
  ['2001:db8::/32', 'documentation', 'documentation'],
  ['2002::/16', 'reserved', '6to4'],
  ['3fff::/20', 'documentation', 'documentation'],
  ['5f00::/16', 'reserved', 'segment routing'],
  ['fc00::/7', 'private', 'unique local'],
  ['fd00:ec2::/48', 'metadata', 'metadata of a cloud'], // AWS: 254 is the metadata, 253 the resolver, 123 the time
  ['fd20:ce::254/128', 'metadata', 'metadata of a cloud'], // Google Cloud
  ['fe80::/10', 'link-local', 'link-local'],
  ['fec0::/10', 'private', 'site-local'],
  ['ff00::/8', 'multicast', 'multicast'],
];

const ORDINARY = 'ordinary';
const BLOCKS = treeOf([...IPV4_ROWS, ...IPV6_ROWS]);

function treeOf(rows: readonly Row[]): SubnetTree<SpecialBlock | typeof ORDINARY> {
  const tree = new SubnetTree<SpecialBlock | typeof ORDINARY>();
  for (const [text, kind, name] of rows) {
    const subnet = Subnet.parse(text);
    tree.insert(subnet, kind === ORDINARY ? kind : Object.freeze({ kind, subnet, name }));
  }
  return tree;
}

/** Where a form of IPv6 has the IPv4 address that it stands for. */
interface EmbeddingForm {
  readonly isOf: (address: IpAddress) => boolean;
  /** How many bits come before the IPv4 address. */
  readonly offset: number;
  readonly ipv4: (address: IpAddress) => number;
}

const ISATAP_LOCAL = 0x0000_5efe; // RFC 5214, 6.1: the interface identifier of a private address
const ISATAP_GLOBAL = 0x0200_5efe;

const FORMS: readonly EmbeddingForm[] = [
  { ...within('64:ff9b::/96'), offset: 96, ipv4: ({ word3 }) => word3 }, // RFC 6052, 2.1
  { ...within('::ffff:0:0:0/96'), offset: 96, ipv4: ({ word3 }) => word3 }, // RFC 2765, 2.1
  { ...within('::/96'), offset: 96, ipv4: ({ word3 }) => word3 }, // RFC 4291, 2.5.5.1
  {
    ...within('2002::/16'), // RFC 3056, 2
    offset: 16,
    ipv4: ({ word0, word1 }) => ((word0 << 16) | (word1 >>> 16)) >>> 0,
  },
  {
    isOf: ({ word2 }) => word2 === ISATAP_LOCAL || word2 === ISATAP_GLOBAL,
    offset: 96,
    ipv4: ({ word3 }) => word3,
  },
];

function within(text: string): Pick<EmbeddingForm, 'isOf'> {
  const subnet = Subnet.parse(text);
  return { isOf: (address) => subnet.contains(address) };
}

/**
 * The block of special addresses that an address is in, the smallest there is; undefined for an ordinary one. An
 * IPv4-mapped address is the IPv4 address. A form of IPv6 that stands for a special IPv4 address is of its kind, and its
 * block is that of the IPv4 address in this form: 64:ff9b::a00:0/104 for 64:ff9b::10.1.2.3.
 */
export function specialBlock(given: IpAddress): SpecialBlock | undefined {
  const address = given.unmapped();
  const found = BLOCKS.lookup(address);
  const own = found === ORDINARY ? undefined : found;
  if (address.family === 'ipv4' || own?.kind === 'this-machine') return own;
  const embedded = embeddedBlock(address);
  // An address that belongs to nobody makes no harmless one of a link-local address, or of a form out of use.
  return own !== undefined && embedded?.kind === 'documentation' ? own : (embedded ?? own);
}

/** Teredo is not here: as a whole it is a form that should not be used, whatever it stands for. */
function embeddedBlock(address: IpAddress): SpecialBlock | undefined {
  for (const { isOf, offset, ipv4 } of FORMS) {
    if (!isOf(address)) continue;
    const inner = BLOCKS.lookup(IpAddress.fromWords('ipv4', [ipv4(address)]));
    if (inner === undefined || inner === ORDINARY) return undefined;
    const { kind, name } = inner;
    return { kind, name, subnet: new Subnet(address, offset + inner.subnet.prefixLength) };
  }
  return undefined;
}
