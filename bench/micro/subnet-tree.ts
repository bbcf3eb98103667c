// What it costs to find the zone of an address among 5,000 subnets of both families, beside a plain scan with ipaddr.js
// and Node's net.BlockList (which only says whether, not which).
// Run: node bench/micro/subnet-tree.ts

import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';
import { IpAddress } from '../../src/address/ip-address.ts';
import { SubnetTree } from '../../src/address/subnet-tree.ts';
import { Subnet } from '../../src/address/subnet.ts';
import type { Result } from './measure.ts';
import { measure, tableOf } from './measure.ts';

const SUBNETS = 5000;
const ADDRESSES = 1024;

/** Measures lookups; the first result is that of the tree. */
export function run(): Result[] {
  const random = randomNumbers(1);
  const subnets = randomSubnets(random);
  const addresses = Array.from({ length: ADDRESSES }, () => randomAddress(random));

  const tree = new SubnetTree<Subnet>();
  for (const subnet of subnets) tree.insert(subnet, subnet);
  const blocks = new BlockList();
  for (const { network, prefixLength } of subnets)
    blocks.addSubnet(String(network), prefixLength, network.family);
  const ranges = subnets.map((subnet) => ipaddr.parseCIDR(String(subnet)));
  const parsed = addresses.map((address) => ipaddr.parse(String(address)));
  const texts = addresses.map(String);

  return measure([
    { name: 'SubnetTree.lookup', run: repeat(addresses, (one) => tree.lookup(one)) },
    { name: 'SubnetTree.matches', run: repeat(addresses, (one) => tree.matches(one)) },
    {
      name: 'net.BlockList.check',
      run: repeat(texts, (text) => blocks.check(text, text.includes(':') ? 'ipv6' : 'ipv4')),
    },
    { name: 'scan with Subnet.contains', run: repeat(addresses, (one) => scan(subnets, one)) },
    { name: 'scan with ipaddr.js', run: repeat(parsed, (one) => scanRanges(ranges, one)) },
  ]);
}

function repeat<Item>(
  items: readonly Item[],
  look: (item: Item) => unknown,
): (count: number) => number {
  return (count) => {
    let found = 0;
    for (let index = 0; index < count; index++) {
      const item = items[index % items.length];
      if (item !== undefined && look(item) !== undefined) found++;
    }
    return found;
  };
}

function scan(subnets: readonly Subnet[], address: IpAddress): Subnet | undefined {
  let best: Subnet | undefined;
  for (const subnet of subnets)
    if (subnet.contains(address) && subnet.prefixLength >= (best?.prefixLength ?? 0)) best = subnet;
  return best;
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

function scanRanges(ranges: readonly Range[], address: ipaddr.IPv4 | ipaddr.IPv6): number {
  let best = -1;
  for (const range of ranges) {
    const isSameKind = range[0].kind() === address.kind();
    if (isSameKind && range[1] > best && address.match(range)) best = range[1];
  }
  return best;
}

function randomSubnets(random: () => number): readonly Subnet[] {
  const subnets = new Map<string, Subnet>();
  while (subnets.size < SUBNETS) {
    const address = randomAddress(random);
    const length = address.family === 'ipv4' ? 8 + (random() % 25) : 16 + (random() % 113);
    const subnet = new Subnet(address, length);
    subnets.set(String(subnet), subnet);
  }
  return [...subnets.values()];
}

/** Addresses of a few networks, so that subnets nest and most lookups find something. */
function randomAddress(random: () => number): IpAddress {
  if (random() % 2 === 0) return IpAddress.fromWords('ipv4', [(10 << 24) | (random() & 0xffffff)]);
  return IpAddress.fromWords('ipv6', [0x20010db8, random() & 0xff, random(), random()]);
}

/** A linear congruential generator (Numerical Recipes): the same numbers in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state >>> 8) ^ (state << 16)) >>> 0;
  };
}

if (import.meta.main) console.log(tableOf(`One lookup among ${SUBNETS} subnets`, run()));
