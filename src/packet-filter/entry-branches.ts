// A long list of entries as a tree: where many in a row ask for the same kind of thing, a map leads each packet past those
// that it cannot meet. In every branch the entries keep their order, so the first that matches is the same.

import type { NumberRange, RangeCell } from './range-cells.ts';
import { rangeCells } from './range-cells.ts';
import type { Demand, ScoredEntry } from './scored-entry.ts';

/** What a map can look up. */
export type BranchKind = 'ports' | 'sourceSubnets' | 'from' | 'destinationSubnets' | 'to';

/** An entry, or branches: a packet that meets none in its branch goes on behind them. */
export type EntryStep =
  | { readonly kind: 'entry'; readonly entry: ScoredEntry }
  | {
      readonly kind: 'branches';
      readonly by: BranchKind;
      readonly branches: readonly {
        readonly ranges: readonly NumberRange[];
        readonly steps: readonly EntryStep[];
      }[];
    };

/** The numbers of a demand that packets of a family may have. */
export type RangesOf = (demand: Demand) => readonly NumberRange[];

/** Ports first: they are asked for most, and tell the most rules apart. */
const KINDS: readonly BranchKind[] = ['ports', 'sourceSubnets', 'destinationSubnets', 'from', 'to'];

/** How many in a row are worth a map. */
export const LEAST_ROW = 12;
// An entry with several ports stands in several branches. Bounds for one map and for all together, as multiples of the
// entries: beyond them the ruleset would grow more than it gains.
const MOST_COPIES = 4;
const MOST_COPIES_OF_ALL = 6;
const MOST_RANGES = 16;

/** Makes the steps of entries that are sorted, best first. With fewer than `leastRow` in a row there is no map. */
export function stepsOf(
  entries: readonly ScoredEntry[],
  rangesOf: RangesOf,
  leastRow: number = LEAST_ROW,
): readonly EntryStep[] {
  return new Branching(rangesOf, leastRow, entries.length * MOST_COPIES_OF_ALL).steps(entries);
}

/** Some entries in a row that all have a demand of one kind. */
interface Row {
  readonly by: BranchKind;
  readonly entries: readonly ScoredEntry[];
}

class Branching {
  readonly #rangesOf: RangesOf;
  readonly #leastRow: number;
  #copiesLeft: number;

  constructor(rangesOf: RangesOf, leastRow: number, mostCopies: number) {
    this.#rangesOf = rangesOf;
    this.#leastRow = leastRow;
    this.#copiesLeft = mostCopies;
  }

  steps(entries: readonly ScoredEntry[]): readonly EntryStep[] {
    const steps: EntryStep[] = [];
    const refused = new Map<BranchKind, number>(); // where a row ends that is not worth it
    for (let start = 0; start < entries.length;) {
      const rows = this.#rowsAt(entries, start, refused);
      const found = this.#firstWorthIt(rows);
      if (found !== undefined) {
        steps.push(found.step);
        start += found.length;
        continue;
      }
      for (const { by, entries: row } of rows) refused.set(by, start + row.length);
      const entry = entries[start];
      if (entry !== undefined) steps.push({ kind: 'entry', entry });
      start++;
    }
    return steps;
  }

  /** The rows that begin at an entry, the longest first. */
  #rowsAt(
    entries: readonly ScoredEntry[],
    start: number,
    refused: ReadonlyMap<BranchKind, number>,
  ): readonly Row[] {
    return KINDS.filter((by) => (refused.get(by) ?? 0) <= start)
      .map((by): Row => {
        const rest = entries.findIndex(
          (entry, index) => index >= start && demandOf(entry, by) === undefined,
        );
        return { by, entries: entries.slice(start, rest === -1 ? undefined : rest) };
      })
      .filter((row) => row.entries.length >= this.#leastRow)
      .sort((one, other) => other.entries.length - one.entries.length);
  }

  #firstWorthIt(
    rows: readonly Row[],
  ): { readonly step: EntryStep; readonly length: number } | undefined {
    for (const { by, entries } of rows)
      // A shorter row has fewer ranges that overlap.
      for (let { length } = entries; length >= this.#leastRow; length = Math.floor(length / 2)) {
        const row = { by, entries: entries.slice(0, length) };
        const cells = this.#cellsOf(row);
        if (cells !== undefined) return { step: this.#branches(row, cells), length };
      }
    return undefined;
  }

  /** Undefined if they are too many, or one of them has all. */
  #cellsOf({ by, entries }: Row): readonly RangeCell[] | undefined {
    const { length } = entries;
    const members = entries.map((entry) => {
      const demand = demandOf(entry, by);
      return demand === undefined ? [] : this.#rangesOf(demand);
    });
    const most = Math.min(length * MOST_COPIES, this.#copiesLeft + length);
    const limits = { maxRanges: length * MOST_RANGES, maxMembers: most };
    const cells = rangeCells(members, limits);
    return cells?.some((cell) => cell.members.length === length) === true ? undefined : cells;
  }

  #branches({ by, entries }: Row, cells: readonly RangeCell[]): EntryStep {
    const copies = cells.reduce((sum, { members }) => sum + members.length, 0);
    this.#copiesLeft -= copies - entries.length;
    const branches = cells.map(({ ranges, members }) => {
      const own = members.flatMap((member) => entries[member] ?? []);
      return { ranges, steps: this.steps(own.map((entry) => without(entry, by))) };
    });
    return { kind: 'branches', by, branches };
  }
}

function demandOf({ demands }: ScoredEntry, by: BranchKind): Demand | undefined {
  return demands.find(({ kind }) => kind === by);
}

/** The map has asked for it already. */
function without(entry: ScoredEntry, by: BranchKind): ScoredEntry {
  return { ...entry, demands: entry.demands.filter(({ kind }) => kind !== by) };
}
