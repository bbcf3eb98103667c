import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PolicyFault } from '../../proxy/violation.ts';
import { TooManySteps } from './ending.ts';
import { Referee } from './referee.ts';
import { Step } from './step.ts';

function step(call = 'client.read()'): Step {
  return new Step({ call, reads: [], attempt: () => undefined });
}

describe('a referee', () => {
  it('keeps the first fault', () => {
    const referee = new Referee('guess');
    assert.throws(() => referee.fail('did one thing'), /^PolicyFault: The script of guess did one/);
    assert.throws(() => referee.fail('did another'), /did another/);
    assert.match(referee.fault?.message ?? '', /did one thing/);
  });

  it('ends a script that goes round, but not one that reads', () => {
    const referee = new Referee('guess');
    for (let rounds = 0; rounds < 20_000; rounds++) {
      referee.spend(0);
      referee.progress();
    }
    for (let rounds = 0; rounds < 10_000; rounds++) referee.spend(0);
    assert.throws(() => {
      referee.spend(0);
    }, TooManySteps);
    assert.ok(referee.fault instanceof TooManySteps);
  });

  it('ends a script that sends more than may wait, unless something has come since', () => {
    const referee = new Referee('guess');
    referee.spend(4_194_304);
    referee.progress();
    referee.received();
    referee.spend(4_194_304);
    assert.throws(() => {
      referee.spend(1);
    }, /more than 4194304 bytes at once/);
  });

  it('takes only the step that the script has just made', () => {
    const referee = new Referee('guess');
    const made = step();
    assert.equal(referee.waiting(() => made).next().value, made);
    assert.equal(referee.yielded(made), made);
    for (const foreign of [made, step(), 5, undefined])
      assert.throws(() => referee.yielded(foreign), PolicyFault);
    assert.match(referee.fault?.message ?? '', /yielded .*: write yield\* client\.readLine\(\)/);
  });

  it('notices a step that nobody waits for', () => {
    const referee = new Referee('guess');
    referee.waiting(() => step('connect()'));
    assert.throws(() => {
      referee.returned();
    }, /called connect\(\) and did not wait for it: write yield\* before it/);
  });

  it('keeps the fault of a step that cannot be made, so that the script comes to its yield', () => {
    const referee = new Referee('guess');
    const waiting = referee.waiting(() => referee.fail('asked for nonsense'));
    assert.match(referee.fault?.message ?? '', /asked for nonsense/);
    const yielded = referee.yielded(waiting.next().value);
    assert.equal(yielded.attempt(), false);
  });

  it('does not hide an error of its own', () => {
    const bug = new TypeError('a bug');
    const referee = new Referee('guess');
    const broken = (): never => {
      throw bug;
    };
    assert.throws(() => referee.waiting(broken), bug);
  });
});
