import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrong } from '../../test/support/policy-samples.ts';
import { abort, accept, deny, drop, reject } from './policy-action.ts';

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

  it('have deny() as another word for reject()', () => {
    assert.deepEqual(deny('No'), reject('No'));
  });

  it('are frozen, so that no policy function can change the answer of another', () => {
    for (const action of [accept(), drop(), reject(), deny(), abort()])
      assert.ok(Object.isFrozen(action));
  });
});
