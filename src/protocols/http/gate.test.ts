import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeOf } from '../../../test/support/http-heads.ts';
import { testContext } from '../../../test/support/playbook.ts';
import type { GateStep, StepResult } from './gate.ts';
import { Gate } from './gate.ts';
import type { OwnAnswer } from './own-answer.ts';

const ANSWER: OwnAnswer = { action: 'answer', status: 204, fields: '', body: new Uint8Array(0) };
const LATER = Promise.resolve();

/** A step that notes that it was asked; `results` are what it gives, one after the other. */
function step(name: string, asked: string[], ...results: StepResult[]): GateStep {
  const next = (what: string): StepResult => {
    asked.push(name + what);
    return results.shift();
  };
  return { check: () => next(''), settled: (_, { ok }) => next(ok ? '+' : '-') };
}

describe('Gate', () => {
  const context = testContext();
  const settled = { ok: true, value: 1 } as const;

  it('asks all steps in order', () => {
    const asked: string[] = [];
    const gate = new Gate([step('a', asked), step('b', asked)]);
    assert.equal(gate.enter(exchangeOf(), context), undefined);
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('stops at the first step that answers', () => {
    const asked: string[] = [];
    const gate = new Gate([step('a', asked, ANSWER), step('b', asked)]);
    assert.equal(gate.enter(exchangeOf(), context), ANSWER);
    assert.deepEqual(asked, ['a']);
  });

  it('goes on behind the step that waited, which may wait again', () => {
    const asked: string[] = [];
    const gate = new Gate([step('a', asked), step('b', asked, LATER, LATER), step('c', asked)]);
    const exchange = exchangeOf();
    assert.equal(gate.enter(exchange, context), LATER);
    assert.equal(gate.resume(exchange, settled, context), LATER);
    assert.equal(gate.resume(exchange, { ok: false, error: 1 }, context), undefined);
    assert.deepEqual(asked, ['a', 'b', 'b+', 'b-', 'c']);
  });

  it('keeps requests of different connections apart', () => {
    const asked: string[] = [];
    const gate = new Gate([step('a', asked, LATER), step('b', asked, LATER)]);
    const [one, other] = [exchangeOf(), exchangeOf()];
    gate.enter(one, context);
    gate.enter(other, context);
    gate.resume(other, settled, context);
    gate.resume(one, settled, context);
    assert.deepEqual(asked, ['a', 'a', 'b', 'b+', 'a+', 'b']);
  });

  it('asks those about the URL once more when it was changed', () => {
    const asked: string[] = [];
    const retargets: GateStep = {
      check: (exchange) => {
        exchange.policyRequest().url = 'http://b/';
        return undefined;
      },
    };
    const about = { ...step('url', asked), isAboutUrl: true } as const;
    new Gate([about, step('a', asked)]).enter(exchangeOf(), context);
    assert.deepEqual(asked, ['url', 'a']);
    new Gate([about, retargets, step('b', asked)]).enter(exchangeOf(), context);
    assert.deepEqual(asked, ['url', 'a', 'url', 'b', 'url']);
  });

  it('never lets pass what resumes at a step that does not wait', () => {
    const gate = new Gate([{ check: () => undefined }]);
    assert.throws(() => gate.resume(exchangeOf(), settled, context), /does not wait/);
  });
});
