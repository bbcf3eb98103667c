import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DecodingTurn } from './decoding-turns.ts';
import { DecodingTurns, LIGHT_MS, LIGHT_TURNS, stepsAtOnce } from './decoding-turns.ts';

/** Turns on a clock of their own, and the names of those that began a step, in order. */
class Scene {
  nowMs = 0;
  readonly begun: string[] = [];
  readonly turns: DecodingTurns;

  constructor(maxAtOnce: number) {
    this.turns = new DecodingTurns(maxAtOnce, () => this.nowMs);
  }

  newcomer(name: string): DecodingTurn {
    return this.turns.newcomer(() => this.begun.push(name));
  }

  /** One that has used so much, and waits for its next turn or not. */
  async used(name: string, ms: number): Promise<DecodingTurn> {
    const turn = this.newcomer(name);
    turn.ask();
    await settle();
    this.nowMs += ms;
    turn.over();
    this.begun.length = 0;
    return turn;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

describe('turns of decoders', () => {
  it('are as many at once as there are processors, less one, and leave a thread of the pool', () => {
    assert.deepEqual([1, 2, 3, 4, 64].map(stepsAtOnce), [1, 1, 2, 3, 3]);
  });

  it('come in the order of asking, no more at once than permitted', async () => {
    const scene = new Scene(2);
    const [a, b, c] = [scene.newcomer('a'), scene.newcomer('b'), scene.newcomer('c')];
    for (const turn of [a, b, c, a]) turn.ask();
    assert.deepEqual(scene.begun, [], 'nothing begins within a call');
    await settle();
    assert.deepEqual(scene.begun, ['a', 'b']);
    b.over();
    await settle();
    assert.deepEqual(scene.begun, ['a', 'b', 'c']);
    b.over(); // once more: it was over
    scene.newcomer('d').ask();
    await settle();
    assert.deepEqual(scene.begun, ['a', 'b', 'c']);
  });

  it('go first to what has begun, then to what is new, then to what has used much', async () => {
    const scene = new Scene(1);
    const heavy = await scene.used('heavy', LIGHT_MS + 1);
    const begun = await scene.used('begun', 1);
    const fresh = scene.newcomer('fresh');
    for (const turn of [heavy, fresh, begun]) turn.ask();
    for (const turn of [begun, fresh, heavy]) {
      await settle();
      turn.over();
    }
    assert.deepEqual(scene.begun, ['begun', 'fresh', 'heavy']);
  });

  it('go now and then to what has used much, however many others there are', async () => {
    const scene = new Scene(1);
    const heavy = await scene.used('heavy', LIGHT_MS + 1);
    heavy.ask();
    const lights = Array.from({ length: 3 * LIGHT_TURNS }, () => scene.newcomer('light'));
    for (const turn of lights) turn.ask();
    for (let count = 0; count <= lights.length; count++) {
      await settle();
      for (const turn of [...lights, heavy]) turn.over(); // whosever it was
    }
    // Before it, one that was light had had its first turn: itself.
    assert.equal(scene.begun.indexOf('heavy'), LIGHT_TURNS - 1);
    assert.equal(scene.begun.length, lights.length + 1);
  });

  it('are not kept for those that leave', async () => {
    const scene = new Scene(1);
    const [a, b, c] = [scene.newcomer('a'), scene.newcomer('b'), scene.newcomer('c')];
    for (const turn of [a, b, c]) turn.ask();
    b.leave();
    await settle();
    a.leave(); // in the pool: it has its turn until it is over
    await settle();
    assert.deepEqual(scene.begun, ['a']);
    assert.equal(a.isStepping, true);
    a.over();
    await settle();
    assert.deepEqual(scene.begun, ['a', 'c']);
    assert.equal(a.isStepping, false);
  });
});
