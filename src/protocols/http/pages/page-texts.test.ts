import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PAGE_LANGUAGES } from './page-texts.ts';

describe('PAGE_LANGUAGES', () => {
  it('says something else in each language, and something for each problem', () => {
    const titles = Object.values(PAGE_LANGUAGES).flatMap(({ texts }) =>
      Object.values(texts).map(({ title }) => title),
    );
    const kinds = Object.keys(PAGE_LANGUAGES.en.texts);
    assert.equal(kinds.length, 9);
    assert.equal(new Set(titles).size, 3 * kinds.length);
  });
});
