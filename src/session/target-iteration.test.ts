import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { at } from '../../test/support/policy-samples.ts';
import { availabilityChainer } from '../policy/chainer-availability.ts';
import {
  failoverChainer,
  multiTargetChainer,
  roundRobinChainer,
} from '../policy/chainer-targets.ts';
import { ChainerState } from './chainer-state.ts';
import type { IteratingChainer } from './target-iteration.ts';
import { TargetIteration } from './target-iteration.ts';

const THREE = ['192.0.2.1:80', '192.0.2.2:80', '192.0.2.3:80'];

/** Connects of one chainer, one after the other. */
class Connects {
  readonly state = new ChainerState();
  readonly #chainer: IteratingChainer;
  readonly #targets: readonly string[];
  /** What checks say. */
  readonly knownDown = new Set<number>();

  constructor(chainer: IteratingChainer, targets: readonly string[] = THREE) {
    this.#chainer = chainer;
    this.#targets = targets;
  }

  /** The numbers of the targets that a connect tries, up to the first that is not dead. */
  connect(dead: readonly number[], nowMs = 0): number[] {
    const targets = this.#targets.map(at);
    const isUp = (target: (typeof targets)[number]): boolean =>
      !this.knownDown.has(targets.indexOf(target));
    const facts = { chainer: this.#chainer, targets, state: this.state, isUp };
    const iteration = new TargetIteration(facts);
    const tried: number[] = [];
    for (;;) {
      const index = iteration.next(nowMs);
      if (index === undefined) return tried;
      tried.push(index);
      if (!dead.includes(index)) return tried;
      iteration.failed(index, nowMs);
    }
  }
}

describe('a multi-target chainer', () => {
  it('begins with another target each time, and tries each once', () => {
    const connects = new Connects(multiTargetChainer());
    assert.deepEqual(
      [1, 2, 3, 4].map(() => connects.connect([])),
      [[0], [1], [2], [0]],
    );
    assert.deepEqual(connects.connect([0, 1, 2]), [1, 2, 0]);
  });

  it('remembers no failures: the counter alone decides, and goes on with every attempt', () => {
    const connects = new Connects(multiTargetChainer());
    assert.deepEqual(connects.connect([0]), [0, 1]);
    assert.deepEqual(connects.connect([2]), [2, 0]);
    assert.deepEqual(connects.connect([1]), [1, 2]);
  });
});

describe('a failover chainer', () => {
  it('begins with the first, and leaves out what failed for as long as it is told', () => {
    const connects = new Connects(failoverChainer({ timeoutStateMs: 60 }));
    assert.deepEqual(connects.connect([0], 0), [0, 1]);
    assert.deepEqual(connects.connect([], 59), [1], 'the first is known to be down');
    assert.deepEqual(connects.connect([], 60), [0], 'asking has not refreshed it');
  });

  it('forgets all failures when none is left, and goes one more full round', () => {
    const connects = new Connects(failoverChainer());
    assert.deepEqual(connects.connect([0], 0), [0, 1]);
    assert.deepEqual(connects.connect([0, 1, 2], 1), [1, 2, 0, 1, 2]);
    assert.deepEqual(connects.connect([0, 1, 2], 2), [0, 1, 2]);
  });

  it('tries n dead targets 2n times at most', () => {
    for (const targets of [THREE.slice(0, 1), THREE.slice(0, 2), THREE]) {
      const connects = new Connects(failoverChainer(), targets);
      const order = targets.map((_, index) => index);
      assert.deepEqual(connects.connect(order), [...order, ...order]);
    }
  });

  it('knows a server by its address without the port', () => {
    const targets = ['192.0.2.1:80', '192.0.2.1:81', '192.0.2.2:80'];
    const connects = new Connects(failoverChainer(), targets);
    assert.deepEqual(connects.connect([0]), [0, 2]);
  });

  it('begins a fresh round for every connect of a session', () => {
    const connects = new Connects(failoverChainer());
    assert.deepEqual([connects.connect([]), connects.connect([])], [[0], [0]]);
  });
});

describe('a round-robin chainer', () => {
  it('shares the load of a target that is down among all others', () => {
    const connects = new Connects(roundRobinChainer());
    assert.deepEqual(connects.connect([]), [0]);
    assert.deepEqual(connects.connect([1]), [1, 2]);
    const counts = [0, 0, 0];
    for (let index = 0; index < 10; index++)
      for (const tried of connects.connect([])) counts[tried] = (counts[tried] ?? 0) + 1;
    assert.deepEqual(counts, [5, 0, 5]);
  });
});

describe('an availability chainer', () => {
  it('never tries what is known to be down, and goes one round', () => {
    const connects = new Connects(availabilityChainer());
    connects.knownDown.add(0);
    assert.deepEqual(connects.connect([]), [1]);
    assert.deepEqual(connects.connect([1, 2]), [1, 2]);
    assert.deepEqual(connects.connect([]), [1], 'failed connects are not what it goes by');
    connects.knownDown.add(1).add(2);
    assert.deepEqual(connects.connect([]), []);
  });

  it('goes in turn where it is told so', () => {
    const connects = new Connects(availabilityChainer({ order: 'round-robin' }));
    connects.knownDown.add(1);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => connects.connect([])),
      [[0], [2], [0], [2]],
    );
  });
});

describe('every chainer', () => {
  const chainers = [
    multiTargetChainer(),
    failoverChainer({ timeoutStateMs: 5 }),
    roundRobinChainer({ timeoutStateMs: 5 }),
    availabilityChainer(),
    availabilityChainer({ order: 'round-robin' }),
  ];
  const targets = fc
    .integer({ min: 0, max: 5 })
    .map((count) => Array.from({ length: count }, (_, index) => `192.0.2.${String(index + 1)}:80`));
  const steps = fc.array(fc.record({ dead: fc.subarray([0, 1, 2, 3, 4]), pauseMs: fc.nat(9) }), {
    maxLength: 12,
  });

  it('reaches a target that works, tries none twice a round, and ends', () => {
    const property = fc.property(fc.constantFrom(...chainers), targets, steps, (...parts) => {
      const [chainer, texts, attempts] = parts;
      const connects = new Connects(chainer, texts);
      let now = 0;
      for (const { dead, pauseMs } of attempts) {
        now += pauseMs;
        const tried = connects.connect(dead, now);
        const works = texts.findIndex((_, index) => !dead.includes(index));
        const rounds = 'timeoutStateMs' in chainer ? 2 : 1;
        assert.equal(
          works === -1,
          tried.every((index) => dead.includes(index)),
          String(tried),
        );
        for (const index of tried)
          assert.ok(tried.filter((other) => other === index).length <= rounds, String(tried));
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});
