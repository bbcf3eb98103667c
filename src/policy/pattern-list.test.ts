import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_PATTERNS, MAX_TEXT_LENGTH, PatternList } from './pattern-list.ts';

type Result = ReturnType<typeof PatternList.compileAtOnce>;

function compile(patterns: readonly string[], ignoreCase = true): Result {
  const sources = patterns.map((text, place) => ({ place, text }));
  return PatternList.compileAtOnce(sources, ignoreCase);
}

function list(patterns: readonly string[], ignoreCase = true): PatternList {
  const made = compile(patterns, ignoreCase);
  assert.ok(made instanceof PatternList, JSON.stringify(made));
  return made;
}

function cures(...patterns: string[]): string[] {
  const faults = compile(patterns);
  assert.ok(!(faults instanceof PatternList));
  return faults.map(({ place, cure }) => `${place} ${cure}`);
}

describe('PatternList', () => {
  it('finds a pattern anywhere in the text', () => {
    const found = list(['b+c', '^x$']);
    for (const text of ['abbcd', 'ABC', 'x']) assert.equal(found.find(text), true, text);
    for (const text of ['', 'ab', 'xx']) assert.equal(found.find(text), false, text);
    assert.equal(found.size, 2);
  });

  it('can be told to take case as it is', () => {
    assert.equal(list(['abc'], false).find('ABC'), false);
    assert.equal(list(['abc'], false).find('abc'), true);
  });

  it('finds nothing with no pattern', () => {
    assert.equal(list([]).find('x'), false);
  });

  it('finds each of many patterns, of whatever group', () => {
    const many = list(Array.from({ length: 300 }, (_, index) => `w${index}(?:x|$)`));
    for (let index = 0; index < 300; index++) assert.ok(many.find(`a w${index}`), String(index));
    assert.equal(many.find('a w300'), false);
  });

  it('keeps every pattern to itself: an open quotation does not swallow the next one', () => {
    const quoted = list(['\\Qa.b', 'c\\.d', '(?P<n>e)', '(?P<n>f)']);
    for (const text of ['a.b', 'c.d', 'e', 'f']) assert.equal(quoted.find(text), true, text);
    for (const text of ['axb', 'cxd']) assert.equal(quoted.find(text), false, text);
  });

  it('tells every pattern that does not compile, with its place and the cure', () => {
    assert.deepEqual(cures('a(', 'good', '(?=x)', '(x)\\1', '', 'x'.repeat(1_001), '.{0,1001}'), [
      '0 correct it: missing closing ): `a(`',
      '2 correct it: invalid or unsupported Perl syntax: `(?=`',
      '3 correct it: invalid escape sequence: `\\1`',
      '4 remove it: an empty pattern matches every text',
      '5 write at most 1000 characters: split it into several patterns',
      '6 correct it: invalid repeat count: `{0,1001}`',
    ]);
  });

  it('refuses a pattern that is small as text and large when it is compiled', () => {
    const large = Array.from({ length: 8 }, () => '[a-z]{999}').join('');
    assert.deepEqual(cures(large), ['0 repeat less: it is too large when it is compiled']);
  });

  it('refuses more patterns than it can ask', () => {
    const [fault] = cures(...Array.from({ length: MAX_PATTERNS + 1 }, () => 'a'));
    assert.match(fault ?? '', /^10000 give at most 10000 patterns: domainMatcher\(\)/);
  });

  it('throws for a text that is too long, rather than saying no', () => {
    assert.equal(list(['x$']).find(`${'a'.repeat(MAX_TEXT_LENGTH - 1)}x`), true);
    assert.throws(() => list(['x']).find('x'.repeat(MAX_TEXT_LENGTH + 1)), /more than 16384/);
  });

  it('takes linear time for what makes other engines hang', () => {
    const evil = list(['^(a+)+$', '(a|a)*b', '(.*)*x']);
    const started = performance.now();
    assert.equal(evil.find(`${'a'.repeat(MAX_TEXT_LENGTH - 1)}!`), false);
    assert.ok(performance.now() - started < 5_000);
  });
});
