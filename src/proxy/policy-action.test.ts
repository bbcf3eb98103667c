import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrong } from '../../test/support/policy-samples.ts';
import { abort, accept, actionOf, deny, drop, reject, verdictOf } from './policy-action.ts';

describe('the actions of a policy', () => {
  it('are plain values', () => {
    assert.deepEqual(accept(), { action: 'accept' });
    assert.deepEqual(drop(), { action: 'drop' });
    assert.deepEqual(reject('No posting'), { action: 'reject', text: 'No posting' });
    assert.deepEqual(reject(), { action: 'reject', text: undefined });
    assert.deepEqual(abort('Enough'), { action: 'abort', text: 'Enough' });
    assert.deepEqual(abort(), { action: 'abort', text: undefined });
  });

  it('have no text that is none', () => {
    for (const text of [5, {}, Symbol('x'), ['no']])
      for (const [name, make] of Object.entries({ reject, abort }))
        assert.throws(() => make(wrong(text)), {
          message: `${name}() takes a text, and was given a value of type ${typeof text}`,
        });
    assert.equal(reject(wrong(null)).text, undefined);
  });

  it('have no text of more characters than a page should show', () => {
    assert.equal(reject('x'.repeat(65_536)).text?.length, 65_536);
    for (const [name, make] of Object.entries({ reject, abort, deny }))
      assert.throws(() => make('x'.repeat(65_537)), {
        message: `${name === 'abort' ? name : 'reject'}() takes a text of at most 65536 characters`,
      });
  });

  it('have deny() as another word for reject()', () => {
    assert.deepEqual(deny('No'), reject('No'));
  });

  it('are frozen, so that no policy function can change the answer of another', () => {
    for (const action of [accept(), drop(), reject(), deny(), abort()])
      assert.ok(Object.isFrozen(action));
  });

  it('have a verdict where they end the session', () => {
    assert.equal(verdictOf(reject()), 'denied-by-policy');
    assert.equal(verdictOf(abort()), 'aborted-by-policy-action');
  });
});

describe('actionOf()', () => {
  it('gives the word of an action', () => {
    assert.equal(actionOf(drop()), 'drop');
  });

  it('gives undefined for whatever is none', () => {
    for (const value of [undefined, null, 'drop', 5, {}, () => drop()])
      assert.equal(actionOf(value), undefined);
  });
});
