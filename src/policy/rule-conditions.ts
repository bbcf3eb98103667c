// The conditions of rules as an index sees them: each is cut into atoms - one address prefix, one zone, one name - that
// are numbered, so that the atoms a packet has are found by a lookup instead of asking every rule.

import type { IpAddress } from '../address/ip-address.ts';
import type { PortSet } from '../address/port-range.ts';
import type { Subnet } from '../address/subnet.ts';
import { SubnetTree } from '../address/subnet-tree.ts';
import { Numbering } from './numbering.ts';
import type { Packet } from './packet.ts';
import { blockOf, blocksOf, firstPortOf, sizeOfBlock } from './port-blocks.ts';
import type { Rule } from './rule.ts';
import { zonePoints } from './rule-score.ts';
import type { Zone } from './zone.ts';

/** Is told of the atoms that a packet has. */
export interface AtomFinder {
  /** `points` is what a rule with this atom gets in its score. */
  found(atom: number, points: number): void;
}

/** One condition that rules can have. */
export interface Condition {
  /** The atoms of a rule, each once; none if it does not have the condition. Unknown ones get the next numbers. */
  atomsOf(rule: Rule): readonly number[];
  /** What a rule with an atom gets in its score. */
  pointsOf(atom: number): number;
  /** Tells of all numbered atoms that a packet has, those with most points first. */
  find(packet: Packet, finder: AtomFinder): void;
  /** Tells of all atoms that every packet with this one has: itself, then those that are wider. */
  findWider(atom: number, finder: AtomFinder): void;
}

type Value = string | number | undefined;

/** A condition that asks for one of some values, such as the names of interfaces. */
export class ValueCondition implements Condition {
  readonly #atoms = new Numbering<Value>();
  readonly #wanted: (rule: Rule) => readonly Value[];
  readonly #given: (packet: Packet) => Value;
  readonly #points: number;

  constructor(
    wanted: (rule: Rule) => readonly (string | number)[],
    given: (packet: Packet) => Value,
    points: number,
  ) {
    this.#wanted = wanted;
    this.#given = given;
    this.#points = points;
  }

  atomsOf(rule: Rule): readonly number[] {
    return this.#atoms.numbersOf(this.#wanted(rule));
  }

  pointsOf(): number {
    return this.#points;
  }

  find(packet: Packet, finder: AtomFinder): void {
    const atom = this.#atoms.numberOf(this.#given(packet));
    if (atom !== undefined) finder.found(atom, this.#points);
  }

  findWider(atom: number, finder: AtomFinder): void {
    finder.found(atom, this.#points);
  }
}

/** A condition that asks for ports; ranges are cut into blocks. */
export class PortCondition implements Condition {
  readonly #exact = new Numbering<number>();
  readonly #blocks = new Numbering<number>();
  #sizes: readonly number[] = [];
  readonly #wanted: (rule: Rule) => PortSet | undefined;
  readonly #given: (packet: Packet) => number | undefined;
  readonly #weight: number;

  constructor(
    wanted: (rule: Rule) => PortSet | undefined,
    given: (packet: Packet) => number | undefined,
    weight: number,
  ) {
    this.#wanted = wanted;
    this.#given = given;
    this.#weight = weight;
  }

  /** Exact ports have even numbers, blocks have odd ones. */
  atomsOf(rule: Rule): readonly number[] {
    const ranges = this.#wanted(rule)?.ranges ?? [];
    const exact = ranges.filter((range) => range.isExact).map(({ low }) => low);
    const blocks = ranges.filter((range) => !range.isExact).flatMap(blocksOf);
    this.#sizes = [...new Set([...this.#sizes, ...blocks.map(sizeOfBlock)])];
    return [
      ...this.#exact.numbersOf(exact).map((number) => number * 2),
      ...this.#blocks.numbersOf(blocks).map((number) => number * 2 + 1),
    ];
  }

  pointsOf(atom: number): number {
    return (atom % 2 === 0 ? 2 : 1) * this.#weight;
  }

  find(packet: Packet, finder: AtomFinder): void {
    const port = this.#given(packet);
    if (port !== undefined) this.#findPort(port, finder);
  }

  findWider(atom: number, finder: AtomFinder): void {
    const number = Math.floor(atom / 2);
    if (atom % 2 === 0) {
      this.#findPort(this.#exact.keyOf(number) ?? 0, finder);
    } else {
      const block = this.#blocks.keyOf(number) ?? 0;
      this.#findBlocks(firstPortOf(block), sizeOfBlock(block), finder);
    }
  }

  #findPort(port: number, finder: AtomFinder): void {
    const exact = this.#exact.numberOf(port);
    if (exact !== undefined) finder.found(exact * 2, 2 * this.#weight);
    this.#findBlocks(port, 0, finder);
  }

  #findBlocks(port: number, leastSize: number, finder: AtomFinder): void {
    for (const size of this.#sizes) {
      const block = size < leastSize ? undefined : this.#blocks.numberOf(blockOf(port, size));
      if (block !== undefined) finder.found(block * 2 + 1, this.#weight);
    }
  }
}

/** A condition that asks for subnets. */
export class SubnetCondition implements Condition {
  readonly #tree = new SubnetTree<number>();
  readonly #subnets: Subnet[] = [];
  readonly #wanted: (rule: Rule) => readonly Subnet[];
  readonly #given: (packet: Packet) => IpAddress;
  readonly #weight: number;

  constructor(
    wanted: (rule: Rule) => readonly Subnet[],
    given: (packet: Packet) => IpAddress,
    weight: number,
  ) {
    this.#wanted = wanted;
    this.#given = given;
    this.#weight = weight;
  }

  atomsOf(rule: Rule): readonly number[] {
    const atoms = this.#wanted(rule).map((subnet) => {
      const known = this.#tree.insert(subnet, this.#subnets.length);
      return known ?? this.#subnets.push(subnet) - 1;
    });
    return [...new Set(atoms)];
  }

  pointsOf(atom: number): number {
    return ((this.#subnets[atom]?.prefixLength ?? 0) + 1) * this.#weight;
  }

  find(packet: Packet, finder: AtomFinder): void {
    if (this.#subnets.length === 0) return;
    for (const { subnet, value } of this.#tree.matches(this.#given(packet)))
      finder.found(value, (subnet.prefixLength + 1) * this.#weight);
  }

  findWider(atom: number, finder: AtomFinder): void {
    const subnet = this.#subnets[atom];
    if (subnet !== undefined) this.findAround([subnet], finder);
  }

  /** Tells of the subnets that contain all of these, the longest first. */
  findAround(inner: readonly Subnet[], finder: AtomFinder): void {
    const [one] = inner;
    if (one === undefined) return;
    for (const { subnet, value } of this.#tree.matches(one.network))
      if (inner.every((other) => subnet.contains(other)))
        finder.found(value, (subnet.prefixLength + 1) * this.#weight);
  }
}

/** A condition that asks for zones: a packet has its zone and all above it. */
export class ZoneCondition implements Condition {
  readonly #atoms = new Numbering<Zone>();
  readonly #points: number[] = [];
  readonly #wanted: (rule: Rule) => readonly Zone[];
  readonly #given: (packet: Packet) => Zone | undefined;
  readonly #weight: number;

  constructor(
    wanted: (rule: Rule) => readonly Zone[],
    given: (packet: Packet) => Zone | undefined,
    weight: number,
  ) {
    this.#wanted = wanted;
    this.#given = given;
    this.#weight = weight;
  }

  atomsOf(rule: Rule): readonly number[] {
    const zones = this.#wanted(rule);
    const atoms = this.#atoms.numbersOf(zones);
    for (const zone of zones)
      this.#points[this.#atoms.numberOf(zone) ?? 0] = zonePoints(zone) * this.#weight;
    return atoms;
  }

  pointsOf(atom: number): number {
    return this.#points[atom] ?? 0;
  }

  find(packet: Packet, finder: AtomFinder): void {
    this.#findUpwards(this.#given(packet), finder);
  }

  findWider(atom: number, finder: AtomFinder): void {
    this.#findUpwards(this.zoneOf(atom), finder);
  }

  /** The zone of an atom. */
  zoneOf(atom: number): Zone | undefined {
    return this.#atoms.keyOf(atom);
  }

  #findUpwards(lowest: Zone | undefined, finder: AtomFinder): void {
    if (this.#atoms.size === 0) return;
    for (let zone = lowest; zone !== undefined; zone = zone.parent) {
      const atom = this.#atoms.numberOf(zone);
      if (atom !== undefined) finder.found(atom, this.#points[atom] ?? 0);
    }
  }
}
