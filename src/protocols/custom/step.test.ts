import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { given, Step, waitFor } from './step.ts';

describe('a step', () => {
  it('is answered once, and gives the answer to who waits for it', () => {
    const answers = [undefined, given('yes'), given('no')];
    const step = new Step({ call: 'ask()', reads: [], attempt: () => answers.shift() });
    const waiting = waitFor(step);
    assert.equal(waiting.next().value, step);
    assert.equal(step.attempt(), false);
    assert.equal(step.attempt(), true);
    assert.equal(step.attempt(), true);
    assert.deepEqual(waiting.next(), { done: true, value: 'yes' });
  });

  it('throws what it failed with, and for who does not wait', () => {
    const error = new Error('no database');
    const step = new Step({
      call: 'wait()',
      reads: [],
      attempt: () => ({ ok: false, error }) as const,
    });
    const early = waitFor(step);
    early.next();
    assert.throws(() => early.next(), /wait\(\) has no answer yet: write yield\*/);
    step.begin();
    assert.equal(step.attempt(), true);
    assert.throws(() => step.take(), error);
  });

  it('begins when it is told to', () => {
    let begun = 0;
    const begin = () => {
      begun++;
    };
    new Step({ call: 'x()', reads: [], begin, attempt: () => undefined }).begin();
    assert.equal(begun, 1);
  });
});
