// Longest-prefix lookup: of all subnets that hold an address, the most specific. This is how a zone is
// found for every connection, so a lookup walks a few small nodes and allocates nothing.

import { IpAddress } from './ip-address.ts';
import type { Subnet } from './subnet.ts';

/** A subnet of the tree that holds an address, and the value it was inserted with. */
export interface SubnetMatch<Value> {
  readonly subnet: Subnet;
  readonly value: Value;
}

/**
 * A node of a path-compressed binary trie (Patricia) over the bits of an address. It stands for a
 * prefix, its children for longer ones that begin with it.
 */
class Node<Value> {
  /** An address that has the prefix; its bits past `length` mean nothing. */
  readonly prefix: IpAddress;
  readonly length: number;
  /** What was inserted here; a node that only joins two branches has nothing. */
  entry: SubnetMatch<Value> | undefined = undefined;
  zero: Node<Value> | undefined = undefined;
  one: Node<Value> | undefined = undefined;

  constructor(prefix: IpAddress, length: number) {
    this.prefix = prefix;
    this.length = length;
  }

  covers(address: IpAddress): boolean {
    return commonBits(address, this.prefix) >= this.length;
  }

  /** The child on the way to the address: its bit after the prefix says which. A host has none. */
  childFor(address: IpAddress): Node<Value> | undefined {
    return bitAt(address, this.length) ? this.one : this.zero;
  }

  setChildFor(address: IpAddress, child: Node<Value>): void {
    if (bitAt(address, this.length)) this.one = child;
    else this.zero = child;
  }
}

/**
 * A set of subnets of both families, each with a value, searched by longest prefix. The families are
 * apart: 0.0.0.0/0 matches no IPv6 address. Do not insert `undefined`: it means "none".
 */
export class SubnetTree<Value> {
  readonly #ipv4 = new Node<Value>(IpAddress.netmask('ipv4', 0), 0);
  readonly #ipv6 = new Node<Value>(IpAddress.netmask('ipv6', 0), 0);
  readonly #entries: SubnetMatch<Value>[] = [];

  /** How many subnets are in the tree. */
  get size(): number {
    return this.#entries.length;
  }

  /** All subnets with their values, in the order in which they were inserted. */
  get entries(): readonly SubnetMatch<Value>[] {
    return this.#entries;
  }

  /**
   * Adds a subnet. When the same subnet (its host bits do not count) is there already, the tree stays
   * as it is and the value already there is returned, so that the caller can name both in its error.
   */
  insert(subnet: Subnet, value: Value): Value | undefined {
    const node = this.#nodeFor(subnet);
    if (node.entry !== undefined) return node.entry.value;
    node.entry = { subnet, value };
    this.#entries.push(node.entry);
    return undefined;
  }

  /** The value of the most specific subnet that holds the address. */
  lookup(address: IpAddress): Value | undefined {
    return this.best(address)?.value;
  }

  /** The most specific subnet that holds the address, with its value. */
  best(address: IpAddress): SubnetMatch<Value> | undefined {
    let found: SubnetMatch<Value> | undefined;
    let node: Node<Value> | undefined = this.#root(address);
    while (node?.covers(address)) {
      found = node.entry ?? found;
      node = node.childFor(address);
    }
    return found;
  }

  /** The value of exactly this subnet (its host bits do not count), not of one around it. */
  lookupSubnet(subnet: Subnet): Value | undefined {
    return this.matches(subnet.network).find((match) => match.subnet.equals(subnet))?.value;
  }

  /** Every subnet that holds the address, most specific first: the one that `lookup()` finds, then the losers. */
  matches(address: IpAddress): SubnetMatch<Value>[] {
    const found: SubnetMatch<Value>[] = [];
    let node: Node<Value> | undefined = this.#root(address);
    while (node?.covers(address)) {
      if (node.entry !== undefined) found.push(node.entry);
      node = node.childFor(address);
    }
    return found.reverse();
  }

  #root(address: IpAddress): Node<Value> {
    return address.family === 'ipv4' ? this.#ipv4 : this.#ipv6;
  }

  /** Finds the node of a subnet, or makes it where the walk towards it ends. */
  #nodeFor({ network, prefixLength }: Subnet): Node<Value> {
    let parent = this.#root(network);
    while (parent.length < prefixLength) {
      const child = parent.childFor(network);
      if (child === undefined || child.length > prefixLength || !child.covers(network)) break;
      parent = child;
    }
    if (parent.length === prefixLength) return parent;
    const added = new Node<Value>(network, prefixLength);
    parent.setChildFor(network, joinNodes(added, parent.childFor(network)));
    return added;
  }
}

/** The node to put where `present` was: the added one, or a new one that joins both. */
function joinNodes<Value>(added: Node<Value>, present: Node<Value> | undefined): Node<Value> {
  if (present === undefined) return added;
  const common = Math.min(added.length, commonBits(added.prefix, present.prefix));
  const top = common === added.length ? added : new Node<Value>(added.prefix, common);
  top.setChildFor(present.prefix, present);
  if (top !== added) top.setChildFor(added.prefix, added);
  return top;
}

/** How many leading bits two addresses of one family share: 128 when all. */
function commonBits(one: IpAddress, other: IpAddress): number {
  if (one.word0 !== other.word0) return Math.clz32(one.word0 ^ other.word0);
  if (one.word1 !== other.word1) return 32 + Math.clz32(one.word1 ^ other.word1);
  if (one.word2 !== other.word2) return 64 + Math.clz32(one.word2 ^ other.word2);
  return 96 + Math.clz32(one.word3 ^ other.word3);
}

/** Whether the bit at an index, counted from the most significant one, is set. */
function bitAt(address: IpAddress, index: number): boolean {
  return wordOf(address, index) << index < 0; // a shift counts modulo 32
}

function wordOf(address: IpAddress, bitIndex: number): number {
  if (bitIndex < 32) return address.word0;
  if (bitIndex < 64) return address.word1;
  return bitIndex < 96 ? address.word2 : address.word3;
}
