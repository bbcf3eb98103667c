import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import type { AnyMatcher, Matcher } from '../proxy/matcher.ts';
import { takeMatchers } from './matcher.ts';
import { and, eq, not, or, xor } from './matcher-combine.ts';
import { domainMatcher } from './matcher-domain.ts';
import { regexpMatcher } from './matcher-regexp.ts';

afterEach(takeMatchers); // a faulty one would be a fault of the next policy that a test defines

const a = regexpMatcher({ match: ['a'] });
const b = regexpMatcher({ match: ['b'] });
const c = regexpMatcher({ match: ['c'] });

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}

/** Matchers in a number that the compiler would refuse. */
function wrongParts(...parts: readonly AnyMatcher[]): readonly [AnyMatcher] {
  return wrong(parts);
}

function answers(matcher: Matcher, texts: Readonly<Record<string, boolean>>): void {
  for (const [text, expected] of Object.entries(texts))
    assert.equal(matcher.matches(text), expected, text);
}

describe('the vectors of the reference', () => {
  it('or()', () => {
    answers(or(a, b), { alma: true, birskorte: true, birsalma: true, korte: false });
  });

  const texts = { korte: false, cseresznye: true, almaecet: false, borecet: false };
  it('and() of a matcher that was made before', () => {
    const either = or(a, b);
    answers(and(c, not(either)), texts);
  });

  it('and() with everything written inside it', () => answers(and(c, not(or(a, b))), texts));
});

describe('combinations', () => {
  const table: [what: string, make: (...parts: [AnyMatcher, AnyMatcher]) => Matcher, of: string][] =
    [
      ['and', and, '0001'],
      ['or', or, '0111'],
      ['xor', xor, '0110'],
      ['eq', eq, '1001'],
    ];
  for (const [what, make, expected] of table)
    it(`${what}() has the truth table ${expected}`, () => {
      const pairs: [AnyMatcher, AnyMatcher][] = [
        [no, no],
        [no, yes],
        [yes, no],
        [yes, yes],
      ];
      const found = pairs.map((pair) => (make(...pair).matches('') ? '1' : '0')).join('');
      assert.equal(found, expected);
    });

  it('take one matcher, or many', () => {
    for (const make of [and, or, xor]) {
      assert.equal(make(yes).matches(''), true);
      assert.equal(make(no).matches(''), false);
    }
    assert.equal(eq(no).matches(''), true);
    assert.equal(xor(yes, yes, yes).matches(''), true);
    assert.equal(xor(yes, yes, no).matches(''), false);
    assert.equal(eq(yes, yes, no).matches(''), false);
  });

  it('not() turns the answer around', () => {
    assert.equal(not(yes).matches(''), false);
    assert.equal(not(no).matches(''), true);
  });

  it('ask no further than they must', () => {
    const never = (): boolean => assert.fail('was asked');
    assert.equal(and(no, never).matches(''), false);
    assert.equal(or(yes, never).matches(''), true);
  });

  it('do not take a promise for an answer', () => {
    const async = wrong(() => Promise.resolve(false));
    for (const matcher of [and(async), or(async), not(async), xor(async), eq(async)])
      assert.throws(
        () => matcher.matches('x'),
        /returned \[object Promise\]: return true or false/,
      );
  });

  it('are refused without a matcher', () => {
    for (const [name, make] of Object.entries({ and, or, xor, eq })) {
      const made = make(...wrongParts());
      const { value, cure } = onlyFault(made, 'make(');
      assert.deepEqual([value, cure], [`${name}() of 0`, 'give at least one matcher']);
    }
    const none = not(...wrongParts());
    assert.equal(onlyFault(none, 'not(').cure, 'give exactly one matcher');
    const two = not(...wrongParts(a, b));
    assert.equal(onlyFault(two, 'not(').cure, 'give exactly one matcher');
  });

  it('are refused with what is no matcher', () => {
    const fault = onlyFault(and(a, wrong(/x/)), 'and(');
    assert.equal(fault.path, 'matchers[1]');
    assert.equal(fault.cure, 'write the pattern as a text: regexpMatcher({ match: ["x"] })');
    assert.match(onlyFault(not(wrong({ ...a })), 'not(').cure, /^give a matcher, such as/);
    assert.match(onlyFault(or(wrong('x')), 'or(').cure, /^give a matcher, such as/);
  });

  it('tell the entry of a part that matches, and of no other one', () => {
    const files = ['one.txt', 'other.txt'].map((file) => domainMatcher({ file }));
    for (const input of takeLiveInputs())
      if (input.kind === 'live-file')
        assert.deepEqual(readAtOnce(input, 'a.example\nx.example\n'), []);
    const [one = a, other = a] = files;
    const made = or(
      and(
        one,
        not((host) => host.startsWith('x')),
      ),
      other,
    );
    const places = ['a.example', 'x.example', 'b.example'].map((host) => made.placeOf?.(host));
    const expected = [{ file: 'one.txt', line: 1 }, { file: 'other.txt', line: 2 }, undefined];
    assert.deepEqual(places, expected);
  });

  it('explain themselves', () => {
    assert.equal(
      and(c, not(or(a, yes))).explain(),
      'all of (matches a pattern; not (one of (matches a pattern; satisfies yes())))',
    );
  });
});
