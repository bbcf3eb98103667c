import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RE2JS } from 're2js';
import { MAX_PATTERN_LENGTH, patternCure } from './pattern-check.ts';

describe('patternCure()', () => {
  it('has nothing to say of a pattern that is right', () => {
    for (const pattern of ['a', '^x(y|z)*$', '.{0,1000}'])
      assert.equal(patternCure(pattern, 0), undefined, pattern);
  });

  const faulty: [pattern: string, cure: RegExp][] = [
    ['', /^remove it/],
    ['a'.repeat(MAX_PATTERN_LENGTH + 1), /at most 1000 characters/],
    ['(', /^correct it: missing closing \)/],
    ['(?=a)', /^correct it: invalid or unsupported Perl syntax/],
    ['(a)\\1', /^correct it: invalid escape sequence/],
    ['((a{100}){100})', /^correct it: |^repeat less/],
    ['(?:.{0,900}){0,1}(?:.{0,900}){0,1}(?:.{0,900}){0,1}', /^repeat less/],
  ];
  for (const [pattern, cure] of faulty)
    it(`says what is wrong with ${pattern.slice(0, 30)}`, () => {
      assert.match(patternCure(pattern, 0) ?? '', cure);
    });

  it('shows the pattern as it was written', () => {
    assert.doesNotMatch(patternCure('(', RE2JS.CASE_INSENSITIVE) ?? '', /\?i/);
  });
});
