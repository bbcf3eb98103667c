import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { queryValue, queryValues } from './query-value.ts';

// The vectors of the original are in test/conformance/original-urls.test.ts.
describe('queryValue()', () => {
  for (const [query, key, value] of [
    ['a=b+c', 'a', 'b c'],
    ['a=%C3%A9%D0%96%3C%26%40', 'a', '\u00e9\u0416<&@'],
    ['%61+b=1', 'a b', '1'],
    ['a=%2', 'a', '%2'],
    ['a=%FFx', 'a', '\ufffdx'],
    ['a=b=c', 'a', 'b=c'],
    ['=x', '', 'x'],
    ['', 'a', undefined],
    [undefined, 'a', undefined],
  ] as const)
    it(`finds ${key} in ${query}`, () => {
      assert.equal(queryValue(query, key), value);
    });

  it('takes the first one', () => {
    assert.equal(queryValue('a=1&a=2', 'a'), '1');
  });
});

describe('queryValues()', () => {
  it('gives all of them in their order', () => {
    assert.deepEqual(queryValues('a=1&b=2&a=3&a', 'a'), ['1', '3']);
  });
});
