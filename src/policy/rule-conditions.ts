// The conditions of rules as an index sees them: each is cut into atoms - one address prefix, one zone, one name - that
// are numbered, so that the atoms a packet has are found by a lookup instead of asking every rule.

import type { IpAddress } from '../address/ip-address.ts';
import type { PortSet } from '../address/port-range.ts';
import type { Subnet } from '../address/subnet.ts';
import { SubnetTree } from '../address/subnet-tree.ts';
import type { AtomFinder } from './atom-finder.ts';
import { NONE } from './best-rules.ts';
import { NestedAtoms } from './nested-atoms.ts';
import { Numbering } from './numbering.ts';
import type { Packet } from './packet.ts';
import { PortAtoms } from './port-atoms.ts';
import { blocksOf } from './port-blocks.ts';
import type { Rule } from './rule.ts';
import { zonePoints } from './rule-score.ts';
import { SubnetRanges } from './subnet-ranges.ts';
import type { Zone } from './zone.ts';

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
  readonly #wanted: (rule: Rule) => PortSet | undefined;
  readonly #given: (packet: Packet) => number | undefined;
  readonly #weight: number;
  /** Made anew when a port is asked for and there are more atoms than it has. */
  #table: { readonly size: number; readonly atoms: PortAtoms } | undefined;

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
    const ranges = this.#wanted(rule)?.ranges;
    if (ranges === undefined) return [];
    const exact = ranges.filter((range) => range.isExact).map(({ low }) => low);
    const blocks = ranges.filter((range) => !range.isExact).flatMap(blocksOf);
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
    if (port !== undefined) this.#atoms.findPort(port, finder);
  }

  findWider(atom: number, finder: AtomFinder): void {
    this.#atoms.findWider(atom, finder);
  }

  get #atoms(): PortAtoms {
    const size = this.#exact.size + this.#blocks.size;
    if (this.#table?.size !== size)
      this.#table = { size, atoms: new PortAtoms(this.#exact, this.#blocks, this.#weight) };
    return this.#table.atoms;
  }
}

/** What is known of some number of subnets. */
interface NestedSubnets {
  readonly size: number;
  readonly nested: NestedAtoms;
  readonly ipv4: SubnetRanges;
}

/** A condition that asks for subnets. */
export class SubnetCondition implements Condition {
  readonly #tree = new SubnetTree<number>();
  readonly #subnets: Subnet[] = [];
  readonly #wanted: (rule: Rule) => readonly Subnet[];
  readonly #given: (packet: Packet) => IpAddress;
  readonly #weight: number;
  /** Made anew when an address is asked for and there are more subnets than it has. */
  #known: NestedSubnets | undefined;

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
    const wanted = this.#wanted(rule);
    if (wanted.length === 0) return [];
    const atoms = wanted.map((subnet) => {
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
    const address = this.#given(packet);
    const { nested, ipv4 } = this.#nest();
    const longest =
      address.family === 'ipv4' ? ipv4.find(address.word0) : this.#tree.lookup(address);
    nested.tell(longest ?? NONE, finder);
  }

  findWider(atom: number, finder: AtomFinder): void {
    this.#nest().nested.tell(atom, finder);
  }

  /** Tells of the subnets that contain all of these, the longest first. */
  findAround(inner: readonly Subnet[], finder: AtomFinder): void {
    const [one] = inner;
    if (one === undefined) return;
    for (const { subnet, value } of this.#tree.matches(one.network))
      if (inner.every((other) => subnet.contains(other))) finder.found(value, this.pointsOf(value));
  }

  #nest(): NestedSubnets {
    const subnets = this.#subnets;
    if (this.#known?.size === subnets.length) return this.#known;
    const around = subnets.map(({ network, prefixLength }) => {
      const matches = this.#tree.matches(network);
      return matches.find(({ subnet }) => subnet.prefixLength < prefixLength)?.value ?? NONE;
    });
    const nested = new NestedAtoms(
      around,
      subnets.map((_, atom) => this.pointsOf(atom)),
    );
    this.#known = { size: subnets.length, nested, ipv4: new SubnetRanges(subnets, around) };
    return this.#known;
  }
}

/** What is known of some number of zones with atoms. */
interface NestedZones {
  readonly size: number;
  readonly nested: NestedAtoms;
  /** By zone: the atom of the first zone that has one, on the way up. */
  readonly lowest: Map<Zone, number>;
}

/** A condition that asks for zones: a packet has its zone and all above it. */
export class ZoneCondition implements Condition {
  readonly #atoms = new Numbering<Zone>();
  readonly #wanted: (rule: Rule) => readonly Zone[];
  readonly #given: (packet: Packet) => Zone | undefined;
  readonly #weight: number;
  /** Made anew when a zone is asked for and there are more atoms than it has. */
  #known: NestedZones;

  constructor(
    wanted: (rule: Rule) => readonly Zone[],
    given: (packet: Packet) => Zone | undefined,
    weight: number,
  ) {
    this.#wanted = wanted;
    this.#given = given;
    this.#weight = weight;
    this.#known = this.#nest();
  }

  atomsOf(rule: Rule): readonly number[] {
    const zones = this.#wanted(rule);
    return zones.length === 0 ? [] : this.#atoms.numbersOf(zones);
  }

  pointsOf(atom: number): number {
    const zone = this.#atoms.keyOf(atom);
    return zone === undefined ? 0 : zonePoints(zone) * this.#weight;
  }

  find(packet: Packet, finder: AtomFinder): void {
    const zone = this.#given(packet);
    if (zone === undefined || this.#atoms.size === 0) return;
    if (this.#known.size !== this.#atoms.size) this.#known = this.#nest();
    const { nested, lowest } = this.#known;
    let atom = lowest.get(zone);
    if (atom === undefined) {
      atom = this.#upFrom(zone);
      lowest.set(zone, atom);
    }
    nested.tell(atom, finder);
  }

  findWider(atom: number, finder: AtomFinder): void {
    if (this.#known.size !== this.#atoms.size) this.#known = this.#nest();
    this.#known.nested.tell(atom, finder);
  }

  /** The zone of an atom. */
  zoneOf(atom: number): Zone | undefined {
    return this.#atoms.keyOf(atom);
  }

  #nest(): NestedZones {
    const atoms = Array.from({ length: this.#atoms.size }, (_, atom) => atom);
    const nested = new NestedAtoms(
      atoms.map((atom) => this.#upFrom(this.#atoms.keyOf(atom)?.parent)),
      atoms.map((atom) => this.pointsOf(atom)),
    );
    return { size: atoms.length, nested, lowest: new Map() };
  }

  /** The atom of the first of a zone and those above it that has one; NONE if none has. */
  #upFrom(start: Zone | undefined): number {
    for (let zone = start; zone !== undefined; zone = zone.parent) {
      const atom = this.#atoms.numberOf(zone);
      if (atom !== undefined) return atom;
    }
    return NONE;
  }
}
