// The conditions of rules as an index sees them: each is cut into atoms - one address prefix, one zone, one name - that
// are numbered, so that the atoms a packet has are found by a lookup instead of asking every rule.

import type { IpAddress } from '../address/ip-address.ts';
import type { PortSet } from '../address/port-range.ts';
import type { Subnet } from '../address/subnet.ts';
import { SubnetTree } from '../address/subnet-tree.ts';
import type { Packet } from './packet.ts';
import { blockOf, blocksOf, sizeOfBlock } from './port-blocks.ts';
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
  /** Tells of all numbered atoms that a packet has, those with most points first. */
  find(packet: Packet, finder: AtomFinder): void;
}

type Value = string | number | undefined;

/** A condition that asks for one of some values, such as the names of interfaces. */
export class ValueCondition implements Condition {
  readonly #atoms = new Map<Value, number>();
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
    return numbers(this.#atoms, this.#wanted(rule));
  }

  find(packet: Packet, finder: AtomFinder): void {
    if (this.#atoms.size === 0) return;
    const atom = this.#atoms.get(this.#given(packet));
    if (atom !== undefined) finder.found(atom, this.#points);
  }
}

/** A condition that asks for ports; ranges are cut into blocks. */
export class PortCondition implements Condition {
  readonly #exact = new Map<number, number>();
  readonly #blocks = new Map<number, number>();
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
      ...numbers(this.#exact, exact).map((number) => number * 2),
      ...numbers(this.#blocks, blocks).map((number) => number * 2 + 1),
    ];
  }

  find(packet: Packet, finder: AtomFinder): void {
    const port = this.#given(packet);
    if (port === undefined) return;
    const exact = this.#exact.get(port);
    if (exact !== undefined) finder.found(exact * 2, 2 * this.#weight);
    for (const size of this.#sizes) {
      const block = this.#blocks.get(blockOf(port, size));
      if (block !== undefined) finder.found(block * 2 + 1, this.#weight);
    }
  }
}

/** A condition that asks for subnets. */
export class SubnetCondition implements Condition {
  readonly #tree = new SubnetTree<number>();
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
      const next = this.#tree.size;
      return this.#tree.insert(subnet, next) ?? next;
    });
    return [...new Set(atoms)];
  }

  find(packet: Packet, finder: AtomFinder): void {
    if (this.#tree.size === 0) return;
    for (const { subnet, value } of this.#tree.matches(this.#given(packet)))
      finder.found(value, (subnet.prefixLength + 1) * this.#weight);
  }
}

/** A condition that asks for zones: a packet has its zone and all above it. */
export class ZoneCondition implements Condition {
  readonly #atoms = new Map<Zone, number>();
  readonly #points = new Map<number, number>();
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
    const atoms = numbers(this.#atoms, zones);
    for (const zone of zones)
      this.#points.set(this.#atoms.get(zone) ?? 0, zonePoints(zone) * this.#weight);
    return atoms;
  }

  find(packet: Packet, finder: AtomFinder): void {
    if (this.#atoms.size === 0) return;
    for (let zone = this.#given(packet); zone !== undefined; zone = zone.parent) {
      const atom = this.#atoms.get(zone);
      if (atom !== undefined) finder.found(atom, this.#points.get(atom) ?? 0);
    }
  }
}

/** The numbers of values, each once; new values get the next number. */
function numbers<Key>(known: Map<Key, number>, values: readonly Key[]): readonly number[] {
  const found = new Set<number>();
  for (const value of values) {
    const number = known.get(value) ?? known.size;
    known.set(value, number);
    found.add(number);
  }
  return [...found];
}
