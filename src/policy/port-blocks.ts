// Port ranges as blocks: runs of 2^n ports that begin at a multiple of 2^n, as subnets are for addresses. A range is at
// most 30 of them, and a port is in 17 blocks, however many ranges there are.

import type { PortRange } from '../address/port-range.ts';

/** How many ports there are. */
export const PORTS = 2 ** 16;

/** The number of the block with 2^`size` ports that a port is in; no other block has it. */
export function blockOf(port: number, size: number): number {
  return size * PORTS + (port >>> size);
}

/** The size of a block as a power of two: 3 for one with 8 ports. */
export function sizeOfBlock(block: number): number {
  return Math.floor(block / PORTS);
}

/** The lowest port of a block. */
export function firstPortOf(block: number): number {
  return (block % PORTS) * 2 ** sizeOfBlock(block);
}

/** The fewest blocks that together are a range. */
export function blocksOf({ low, high }: PortRange): readonly number[] {
  const blocks: number[] = [];
  for (let next = low; next <= high;) {
    let size = 0;
    while (next % 2 ** (size + 1) === 0 && next + 2 ** (size + 1) - 1 <= high) size++;
    blocks.push(blockOf(next, size));
    next += 2 ** size;
  }
  return blocks;
}
