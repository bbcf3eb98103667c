import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { showPlace } from '../proxy/matcher.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { takeMatchers } from './matcher.ts';
import { domainMatcher } from './matcher-domain.ts';

beforeEach(takeLiveInputs);
afterEach(takeMatchers);

describe('a matcher of lists', () => {
  it('tells the line of the first file that has it, and none for what the policy itself has', () => {
    const matcher = domainMatcher({ domains: ['own.example'], file: ['a.txt', 'b.txt'] });
    const [first, second] = takeLiveInputs();
    assert.ok(first?.kind === 'live-file' && second?.kind === 'live-file');
    readAtOnce(first, 'a.example\nboth.example');
    readAtOnce(second, '# b\nb.example\nboth.example');
    assert.equal(showPlace(matcher, 'www.a.example'), 'a.txt:1');
    assert.equal(showPlace(matcher, 'b.example'), 'b.txt:2');
    assert.equal(showPlace(matcher, 'both.example'), 'a.txt:2');
    assert.equal(showPlace(matcher, 'own.example'), undefined);
    assert.equal(showPlace(matcher, 'c.example'), undefined);
    assert.equal(matcher.matches('own.example') && matcher.matches('b.example'), true);
    assert.equal(matcher.matches('c.example'), false);
  });

  it('explains all of it, and needs something', () => {
    const matcher = domainMatcher({ domains: ['a.b', 'c.d'], file: ['x.txt', 'y.txt'] });
    assert.equal(
      matcher.explain(),
      'is in one of 2 domains or one of the domains of x.txt or one of the domains of y.txt',
    );
    assert.match(String(faultsOf(domainMatcher({}))[0]?.cure), /^give domains or a file/);
    assert.match(
      String(faultsOf(domainMatcher({ file: [] }))[0]?.cure),
      /^give the path of a file/,
    );
  });
});
