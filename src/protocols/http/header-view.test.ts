import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest } from '../../../test/support/http-heads.ts';
import { HeaderView } from './header-view.ts';

describe('HeaderView', () => {
  const view = new HeaderView(parsedRequest('GET / HTTP/1.1\r\nA: 1\r\nBB: 2\r\na: 3\r\n\r\n'));

  it('gives the first value, all values, or none', () => {
    assert.equal(view.get('a'), '1');
    assert.deepEqual(view.getAll('A'), ['1', '3']);
    assert.equal(view.has('bb'), true);
    assert.equal(view.get('b'), undefined);
    assert.deepEqual(view.getAll('constructor'), []);
  });
});
