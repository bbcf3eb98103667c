import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PolicyFault } from '../../../proxy/violation.ts';
import { Draft } from './draft.ts';

describe('Draft', () => {
  it('notes changes until it is sealed', () => {
    const draft = new Draft();
    assert.equal(draft.isChanged, false);
    draft.change('request');
    assert.equal(draft.isChanged, true);
    draft.seal();
    assert.throws(() => {
      draft.change('request');
    }, PolicyFault);
  });
});
