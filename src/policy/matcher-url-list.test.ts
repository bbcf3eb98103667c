import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { showPlace } from '../proxy/matcher.ts';
import { takeMatchers } from './matcher.ts';
import { urlListMatcher } from './matcher-url-list.ts';

beforeEach(takeLiveInputs);
afterEach(takeMatchers);

describe('urlListMatcher()', () => {
  it('matches URLs of the policy and of its file', () => {
    const matcher = urlListMatcher({ urls: ['example.org/ads'], file: 'urls.txt' });
    const [file] = takeLiveInputs();
    assert.ok(file?.kind === 'live-file');
    assert.deepEqual(readAtOnce(file, '# pages\nhttp://example.net/page\n'), []);
    assert.equal(matcher.matches('https://example.org/ads/1'), true);
    assert.equal(matcher.matches('http://example.net/page?x'), true);
    assert.equal(showPlace(matcher, 'http://example.net/page?x'), 'urls.txt:2');
    assert.equal(matcher.matches('http://example.net/'), false);
    const [fault] = readAtOnce(file, 'ftp://example.org/\n');
    assert.deepEqual([fault?.line, fault?.cure], [1, 'give a URL of http or https']);
  });

  it('tells what it cannot take', () => {
    const { path, cure } = onlyFault(urlListMatcher({ urls: ['a b'] }), 'urlListMatcher(');
    assert.deepEqual([path, cure.slice(0, 10)], ['urls[0]', 'give a URL']);
    assert.match(onlyFault(urlListMatcher({}), 'urlListMatcher(').cure, /^give urls or a file/);
    assert.match(onlyFault(urlListMatcher(wrong(7)), 'urlListMatcher(').cure, /^give the options/);
  });

  it('explains itself', () => {
    const matcher = urlListMatcher({ urls: ['a/b'], file: 'x.txt' });
    assert.equal(matcher.explain(), 'is in a URL or one of the URLs of x.txt');
  });
});
