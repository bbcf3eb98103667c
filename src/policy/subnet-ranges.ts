// Which subnet an IPv4 address is in, as a search among the sorted ends of all subnets: a few thousand lie in the
// processor's cache, where the nodes of a tree do not.

import type { Subnet } from '../address/subnet.ts';
import { NONE } from './best-rules.ts';

const IPV4_ADDRESSES = 2 ** 32;
// Addresses with the same upper half are a bucket: the search is among the few ranges of one.
const BUCKET_BITS = 16;
const BUCKET = 2 ** BUCKET_BITS;
const BUCKETS = IPV4_ADDRESSES / BUCKET;

/** Subnets by their numbers: their places in a list. */
export class SubnetRanges {
  /** Where the ranges begin, ascending; each ends where the next begins. */
  readonly #starts: Uint32Array;
  /** By the upper half of an address: the range of the first address with it. */
  readonly #first = new Int32Array(BUCKETS + 1);
  /** The number of the longest subnet that has the addresses of a range. */
  readonly #longest: Int32Array;

  /** `around` has the number of the next wider subnet around each, or NONE. Those of IPv6 are passed over. */
  constructor(subnets: readonly Subnet[], around: readonly number[]) {
    const ipv4 = [...subnets.keys()].filter((number) => subnets[number]?.network.family === 'ipv4');
    const edges = ipv4.flatMap((number) => edgesOf(number, subnets[number], around[number]));
    // Where several meet, ends come first, then wide subnets, then narrow ones: the last one says what is there.
    edges.sort((one, other) => one.at - other.at || one.rank - other.rank);
    const ranges = new Map([[0, NONE]]);
    for (const { at, longest } of edges) ranges.set(at, longest);
    this.#starts = Uint32Array.from(ranges.keys());
    this.#longest = Int32Array.from(ranges.values());
    for (let bucket = 0, range = 0; bucket <= BUCKETS; bucket++) {
      while ((this.#starts[range + 1] ?? Infinity) <= bucket * BUCKET) range++;
      this.#first[bucket] = range;
    }
  }

  /** The number of the longest subnet with an address, which is given as its word; NONE if there is none. */
  find(word: number): number {
    const starts = this.#starts;
    const bucket = word >>> BUCKET_BITS;
    let low = this.#first[bucket] ?? 0;
    let high = (this.#first[bucket + 1] ?? 0) + 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= word) low = middle;
      else high = middle;
    }
    return this.#longest[low] ?? NONE;
  }
}

/** An address from which on another subnet is the longest. */
interface Edge {
  readonly at: number;
  readonly rank: number;
  readonly longest: number;
}

function edgesOf(
  number: number,
  subnet: Subnet | undefined,
  around: number | undefined,
): readonly Edge[] {
  if (subnet === undefined) return [];
  const { network, prefixLength } = subnet;
  const start = { at: network.word0, rank: prefixLength, longest: number };
  const end = network.word0 + 2 ** (32 - prefixLength);
  // Of the ends at one address, that of the widest subnet comes last.
  const rank = -1 - prefixLength;
  return end < IPV4_ADDRESSES ? [start, { at: end, rank, longest: around ?? NONE }] : [start];
}
