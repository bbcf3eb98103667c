import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declare } from './policy-fault.ts';
import type { UrlCategories } from './url-categories.ts';
import { anyCategories, categoriesOf } from './url-categories.ts';

const made: UrlCategories = {
  kind: 'url-categories',
  names: ['ads', 'news', 'long'],
  has: (name, { text, host }) => (name === 'long' ? text.length > 20 : host.startsWith(name)),
  placeOf: () => undefined,
};

function factory(): void {
  assert.fail('only its name counts');
}

describe('categoriesOf()', () => {
  it('gives all that a URL is of, in the order of the policy', () => {
    assert.deepEqual(categoriesOf(made, { text: 'http://ads.example/long', host: 'ads.example' }), [
      ...['ads', 'long'],
    ]);
    assert.deepEqual(categoriesOf(made, { text: 'http://x/', host: 'x' }), []);
  });
});

describe('anyCategories', () => {
  it('takes what was made without a fault, and says the cure of all else', () => {
    const right = declare({ ...made }, factory);
    assert.equal(anyCategories.parse(right), right);
    const faulty = declare({ ...made }, factory, [
      { path: 'ads', value: '{}', cure: 'give lists' },
    ]);
    const cures = [faulty, made, 'ads', null].map(
      (value) => anyCategories.safeParse(value).error?.issues[0]?.message ?? '',
    );
    assert.equal(cures[0], 'correct ads: give lists');
    for (const cure of cures.slice(1)) assert.match(cure, /made by urlCategories\(/);
  });
});
