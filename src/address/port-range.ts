// Ports as rules and listeners write them: one, a range, or a list of both.

import { parseDecimal } from './decimal.ts';
import { MAX_PORT, MIN_PORT } from './port.ts';

const RANGE_CURE = `write a port of ${MIN_PORT} to ${MAX_PORT} or a range, as in 80 or 1024-65535`;

/** Ports of a rule: `80`, `'80,443,1024-65535'`, or a list of such. */
export type PortList = number | string | readonly (number | string)[];

/** The ports from `low` to `high`, both included. Immutable. */
export class PortRange {
  readonly low: number;
  readonly high: number;

  /** Without `high`, the one port. Throws a RangeError when either is no port of 1 to 65535, or low > high. */
  constructor(low: number, high: number = low) {
    for (const port of [low, high]) {
      if (!Number.isInteger(port) || port < MIN_PORT || port > MAX_PORT) {
        throw new RangeError(
          `Cannot use port ${port}: give an integer of ${MIN_PORT} to ${MAX_PORT}`,
        );
      }
    }
    if (low > high) {
      throw new RangeError(`Cannot use port range ${low}-${high}: write the lower port first`);
    }
    this.low = low;
    this.high = high;
  }

  /** Reads `80` or `1024-65535`. Throws a SyntaxError, which names the value and the cure, for anything else. */
  static parse(text: string): PortRange {
    const [lowText = '', highText = lowText, ...rest] = text.split('-');
    const low = parseDecimal(lowText, MAX_PORT) ?? 0;
    const high = parseDecimal(highText, MAX_PORT) ?? 0;
    if (rest.length > 0 || low < MIN_PORT || high < MIN_PORT) {
      throw new SyntaxError(`Cannot parse port range ${JSON.stringify(text)}: ${RANGE_CURE}`);
    }
    if (low > high) {
      throw new SyntaxError(
        `Cannot parse port range ${JSON.stringify(text)}: write the lower port first`,
      );
    }
    return new PortRange(low, high);
  }

  /** Whether the range is one port. Rules prefer such a match to any wider range: `10-10` is as good as `10`. */
  get isExact(): boolean {
    return this.low === this.high;
  }

  /** Whether the port is in the range. */
  contains(port: number): boolean {
    return this.low <= port && port <= this.high;
  }

  /** Whether both are the same range. */
  equals(other: PortRange): boolean {
    return this.low === other.low && this.high === other.high;
  }

  /** The canonical text: `80` or `1024-65535`. */
  toString(): string {
    return this.isExact ? `${this.low}` : `${this.low}-${this.high}`;
  }
}

/** A set of ports. Immutable. */
export class PortSet {
  /** The ranges as they were written, narrowest first, then by number. */
  readonly ranges: readonly PortRange[];
  readonly #merged: readonly PortRange[];

  /**
   * Makes a set of `80`, `'80,443,1024-65535'` or `[80, '1024-65535']`. The empty string and the empty
   * list match nothing. Throws a RangeError for a number and a SyntaxError for a text that is no port
   * or range; both name the value and the cure.
   */
  constructor(ports: PortList) {
    const items = typeof ports === 'object' ? ports : [ports];
    const ranges = items.flatMap(readItem);
    this.ranges = ranges.toSorted(byWidth);
    this.#merged = mergeRanges(ranges);
  }

  /** The same ports as the fewest ranges, ascending: none of them overlap or touch. */
  get merged(): readonly PortRange[] {
    return this.#merged;
  }

  /** Whether the set matches nothing. */
  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** Whether the port is in the set. */
  contains(port: number): boolean {
    return this.#merged.some((range) => range.contains(port));
  }

  /**
   * The narrowest range, as it was written, that holds the port. A rule's score asks whether it
   * `isExact`, which the merged ranges cannot tell: `80,81` holds 80 exactly, `80-81` does not.
   */
  find(port: number): PortRange | undefined {
    return this.ranges.find((range) => range.contains(port));
  }

  /** Whether both hold the same ports, however they were written. */
  equals(other: PortSet): boolean {
    return this.toString() === other.toString();
  }

  /** The canonical text: sorted, overlapping and adjacent ranges merged, `'80-81,443'` of `[443, 81, 80]`. */
  toString(): string {
    return this.#merged.join(',');
  }
}

function readItem(item: number | string): PortRange[] {
  if (typeof item === 'number') return [new PortRange(item)];
  return item === '' ? [] : item.split(',').map((text) => PortRange.parse(text));
}

function byWidth(one: PortRange, other: PortRange): number {
  return one.high - one.low - (other.high - other.low) || one.low - other.low;
}

function mergeRanges(ranges: readonly PortRange[]): PortRange[] {
  const merged: PortRange[] = [];
  for (const range of ranges.toSorted((one, other) => one.low - other.low)) {
    const last = merged.at(-1);
    if (last === undefined || range.low > last.high + 1) merged.push(range);
    else merged[merged.length - 1] = new PortRange(last.low, Math.max(last.high, range.high));
  }
  return merged;
}
