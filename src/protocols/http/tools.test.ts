import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpTools } from '../../../test/support/http-heads.ts';
import { accept } from '../../proxy/policy-action.ts';
import { insert } from './header-action.ts';

describe('toolsOf()', () => {
  it('keeps requests only where a function asks for them later', () => {
    assert.equal(httpTools().keepsRequests, false);
    assert.equal(httpTools({ response: { '*': { '*': accept() } } }).keepsRequests, false);
    assert.equal(httpTools({ response: { GET: { '4': () => accept() } } }).keepsRequests, true);
    assert.equal(httpTools({ responseHeader: { A: insert(() => 'x') } }).keepsRequests, true);
  });
});
