import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cores } from './cores.ts';
import { describeCores, divide, onItsCore, processorsIn } from './cores.ts';

const COMMAND = { name: 'a', file: '/bin/a', args: ['-c', 'x'], ports: [1], log: '/tmp/a.log' };
const APART: Cores = {
  kind: 'apart',
  taskset: '/usr/bin/taskset',
  contender: 2,
  others: [3, 5],
  allowed: [2, 3, 5],
};
const SHARED: Cores = { kind: 'shared', reason: 'there is only one' };

function alone(processor: number): readonly number[] {
  return [processor];
}

describe('lists of processors', () => {
  for (const [list, processors] of [
    ['0', [0]],
    ['0-1\n', [0, 1]],
    ['0-2,7,9-10', [0, 1, 2, 7, 9, 10]],
    ['', []],
    [undefined, []],
  ] as const)
    it(`reads ${JSON.stringify(list)}`, () => {
      assert.deepEqual(processorsIn(list), processors);
    });
});

describe('the division of processors', () => {
  it('gives contenders the first one that is allowed, and the others to all else', () => {
    assert.deepEqual(divide([2, 3, 5], alone), { contender: 2, others: [3, 5] });
  });

  it('leaves the other threads of the core of the contenders empty', () => {
    const ofTwo = (processor: number): readonly number[] => [processor % 2, (processor % 2) + 2];
    assert.deepEqual(divide([0, 1, 2, 3], ofTwo), { contender: 0, others: [1, 3] });
  });

  it('takes another thread of that core where there is nothing else', () => {
    assert.deepEqual(
      divide([0, 1], () => [0, 1]),
      { contender: 0, others: [1] },
    );
  });

  it('is none of one processor', () => {
    assert.equal(divide([4], alone), undefined);
    assert.equal(divide([], alone), undefined);
  });
});

describe('the command of a contender', () => {
  it('runs on the processor of the contenders, and is the same otherwise', () => {
    assert.deepEqual(onItsCore(COMMAND, APART), {
      ...COMMAND,
      file: '/usr/bin/taskset',
      args: ['-c', '2', '/bin/a', '-c', 'x'],
    });
  });

  it('is as it was where processors are shared', () => {
    assert.equal(onItsCore(COMMAND, SHARED), COMMAND);
  });
});

describe('the words about processors', () => {
  it('say who ran where', () => {
    assert.equal(describeCores(APART), 'contenders on processor 2, load and servers on 3, 5');
  });

  it('say why they are shared', () => {
    assert.match(describeCores(SHARED), /on the same processors: there is only one$/);
  });
});
