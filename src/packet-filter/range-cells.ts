// Overlapping ranges cut into cells: within a cell every number is in the same ranges.

/** Consecutive numbers: ports, or addresses. */
export interface NumberRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Numbers that are in the ranges of the same members. */
export interface RangeCell {
  /** Ascending; they do not meet. */
  readonly ranges: readonly NumberRange[];
  /** The places of the members, ascending. */
  readonly members: readonly number[];
}

/** How large the result may be. */
export interface CellLimits {
  readonly maxRanges: number;
  /** Of the numbers of members of all cells together. */
  readonly maxMembers: number;
}

/** The cells of members, each with its ranges; numbers in no range are in no cell. Undefined beyond a limit. */
export function rangeCells(
  members: readonly (readonly NumberRange[])[],
  { maxRanges, maxMembers }: CellLimits,
): readonly RangeCell[] | undefined {
  const cells = new Map<string, { ranges: NumberRange[]; members: readonly number[] }>();
  let rangeCount = 0;
  let memberCount = 0;
  for (const { first, last, active } of stretches(members)) {
    const key = active.join();
    const cell = cells.get(key) ?? { ranges: [], members: active };
    if (cell.ranges.length === 0) memberCount += active.length;
    cells.set(key, cell);
    const before = cell.ranges.at(-1);
    if (before !== undefined && before.last + 1n === first)
      cell.ranges[cell.ranges.length - 1] = { first: before.first, last };
    else {
      cell.ranges.push({ first, last });
      rangeCount++;
    }
    if (rangeCount > maxRanges || memberCount > maxMembers) return undefined;
  }
  return [...cells.values()];
}

interface Stretch extends NumberRange {
  readonly active: readonly number[];
}

/** From one end of a range to the next, with those that are there; stretches in no range are left out. */
function* stretches(members: readonly (readonly NumberRange[])[]): Generator<Stretch> {
  const changes = members
    .flatMap((ranges, member) =>
      ranges.flatMap(({ first, last }) => [
        { at: first, member, more: 1 },
        { at: last + 1n, member, more: -1 },
      ]),
    )
    .sort((one, other) => Number(one.at > other.at) - Number(one.at < other.at));
  const depths = new Map<number, number>(); // a member may name a number twice
  let from = 0n;
  for (const { at, member, more } of changes) {
    if (at > from && depths.size > 0)
      yield { first: from, last: at - 1n, active: [...depths.keys()].sort((a, b) => a - b) };
    from = at;
    const depth = (depths.get(member) ?? 0) + more;
    if (depth === 0) depths.delete(member);
    else depths.set(member, depth);
  }
}
