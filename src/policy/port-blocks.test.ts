import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PortRange } from '../address/port-range.ts';
import { blockOf, blocksOf, firstPortOf, sizeOfBlock } from './port-blocks.ts';

const RANGES = ['80', '1-65535', '1024-65535', '137-139', '8000-8099', '65535', '1-2', '3-4'];

/** How many of the blocks of a range a port is in. */
function hits(range: PortRange, port: number): number {
  const blocks = new Set(blocksOf(range));
  const mine = Array.from({ length: 17 }, (_, size) => blockOf(port, size));
  return mine.filter((block) => blocks.has(block)).length;
}

describe('blocks of ports', () => {
  for (const text of RANGES)
    it(`that are ${text} have its ports, each once, and no other`, () => {
      const range = PortRange.parse(text);
      for (let port = 0; port < 65_536; port += 1 + (port % 7))
        assert.equal(hits(range, port), range.contains(port) ? 1 : 0, String(port));
      for (const port of [range.low - 1, range.low, range.high, range.high + 1])
        if (port < 65_536) assert.equal(hits(range, port), range.contains(port) ? 1 : 0);
    });

  it('are few', () => {
    assert.equal(blocksOf(PortRange.parse('1024-65535')).length, 6);
    assert.equal(blocksOf(PortRange.parse('1-65534')).length, 30);
  });

  it('know their first port', () => {
    assert.deepEqual(
      [0, 3, 15, 16].map((size) => firstPortOf(blockOf(65_535, size))),
      [65_535, 65_528, 32_768, 0],
    );
  });

  it('know their size', () => {
    assert.deepEqual(
      [0, 3, 16].map((size) => sizeOfBlock(blockOf(65_535, size))),
      [0, 3, 16],
    );
  });
});
