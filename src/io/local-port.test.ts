// Local ports stay in their group, and random ones are random.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { candidatePorts, MAX_LOCAL_PORT_ATTEMPTS, portChoice } from './local-port.ts';
import type { PortChoice } from './local-port.ts';

function groupOf(port: number): number {
  if (port < 512) return 1;
  return port < 1024 ? 2 : 3;
}

function list(hint: number, choice: PortChoice): number[] {
  return [...candidatePorts(hint, choice, (bound) => randomInt(bound))];
}

describe('candidate ports', () => {
  it('are chosen as a connection asks for', () => {
    assert.equal(portChoice({ localLoose: false, localRandom: false }), 'exact');
    assert.equal(portChoice({ localLoose: true, localRandom: false }), 'loose');
    assert.equal(portChoice({ localLoose: true, localRandom: true }), 'random');
  });

  it('are the hint alone where it must be exact', () => {
    assert.deepEqual(list(7, 'exact'), [7]);
  });

  it('are left to the kernel for a hint of 0', () => {
    for (const choice of ['exact', 'loose', 'random'] as const)
      assert.deepEqual(list(0, choice), [0]);
  });

  it('begin with a loose hint and go round its group, each once', () => {
    assert.deepEqual(list(1022, 'loose').slice(0, 4), [1022, 1023, 512, 513]);
    assert.deepEqual(list(510, 'loose').slice(0, 4), [510, 511, 1, 2]);
    assert.deepEqual(list(65_535, 'loose').slice(0, 3), [65_535, 1024, 1025]);
    assert.deepEqual(new Set(list(600, 'loose')).size, 512);
    assert.deepEqual(new Set(list(1, 'loose')).size, 511);
  });

  it('are random ones for an eighth of a small group, then all in turn', () => {
    const ports = list(600, 'random');
    assert.deepEqual(ports.slice(64, 67), [600, 601, 602]);
  });

  it('stay in the group of the hint, bounded in number', () => {
    const hint = fc.oneof(
      fc.integer({ min: 1, max: 65_535 }),
      fc.constantFrom(1, 511, 512, 1023, 1024, 65_535),
    );
    fc.assert(
      fc.property(hint, fc.constantFrom<PortChoice>('exact', 'loose', 'random'), (port, choice) => {
        const ports = list(port, choice);
        assert.ok(ports.length >= 1 && ports.length <= MAX_LOCAL_PORT_ATTEMPTS);
        assert.ok(ports.every((one) => groupOf(one) === groupOf(port)));
      }),
    );
  });

  it('have at least 7.9 bits of entropy a byte in 100,000 random draws', () => {
    const draws = 100_000;
    const counts = new Array<number>(256).fill(0);
    const count = (byte: number): number => (counts[byte] = (counts[byte] ?? 0) + 1);
    for (let draw = 0; draw < draws; draw++) {
      const [port = 0] = candidatePorts(2000, 'random', (bound) => randomInt(bound));
      assert.ok(port >= 1024 && port <= 65_535);
      count(port >> 8);
      count(port & 255);
    }
    const shares = counts.map((one) => one / (2 * draws)).filter((share) => share > 0);
    const entropy = -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
    assert.ok(entropy >= 7.9, `${entropy} bits a byte`);
  });
});
