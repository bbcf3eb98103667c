import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { wrong } from '../../test/support/policy-samples.ts';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import type { AskedUrl, UrlCategories } from '../proxy/url-categories.ts';
import { categoriesOf } from '../proxy/url-categories.ts';
import { domainMatcher } from './matcher-domain.ts';
import { urlListMatcher } from './matcher-url-list.ts';
import { takeMatchers } from './matcher.ts';
import { urlCategories } from './url-categories.ts';

beforeEach(takeLiveInputs);
afterEach(takeMatchers);

/** Gives the lists that wait for it their contents, by path. */
function read(contents: Readonly<Record<string, string>>): void {
  for (const input of takeLiveInputs()) {
    assert.ok(input.kind === 'live-file');
    assert.deepEqual(readAtOnce(input, contents[input.path] ?? ''), []);
  }
}

function asked(text: string): AskedUrl {
  return { text, host: new URL(text).hostname.replace(/^\[|\]$/g, '') };
}

function faults(given: unknown): readonly string[] {
  return faultsOf(urlCategories(wrong(given))).map(({ path, cure }) => `${path}: ${cure}`);
}

describe('urlCategories()', () => {
  const made = (): UrlCategories => {
    const categories = urlCategories({
      ads: { domains: ['ads.txt', 'hosts.txt'], urls: 'urls.txt', expressions: 'expressions.txt' },
      news: { domains: domainMatcher({ domains: ['news.example'] }) },
      long: { expressions: (url) => url.length > 40 },
    });
    read({
      'ads.txt': 'ads.example\n192.0.2.0/24\n',
      'hosts.txt': '127.0.0.1 localhost\n0.0.0.0 tracker.example\n',
      'urls.txt': 'news.example/ads\n',
      'expressions.txt': '# banners\n/banner/\n',
    });
    return categories;
  };

  it('tells the categories of a URL by hosts, URLs and expressions', () => {
    const categories = made();
    const table: Record<string, readonly string[]> = {
      'http://www.ads.example/': ['ads'],
      'http://tracker.example/': ['ads'],
      'http://192.0.2.7/': ['ads'],
      'http://x.example/banner/1': ['ads'],
      'https://news.example/ads/1': ['ads', 'news'],
      'https://news.example/': ['news'],
      'https://x.example/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o': ['long'],
      'https://x.example/': [],
    };
    for (const [url, names] of Object.entries(table))
      assert.deepEqual(categoriesOf(categories, asked(url)), names, url);
    assert.equal(categories.has('sports', asked('http://ads.example/')), false);
  });

  it('tells the file and the line', () => {
    const categories = made();
    const table: Record<string, string | undefined> = {
      'http://www.ads.example/': 'ads.txt:1',
      'http://192.0.2.7/': 'ads.txt:2',
      'http://tracker.example/': 'hosts.txt:2',
      'http://news.example/ads': 'urls.txt:1',
      'http://x.example/banner/': 'expressions.txt:2',
      'http://x.example/': undefined,
    };
    for (const [url, place] of Object.entries(table))
      assert.equal(categories.placeOf('ads', asked(url)), place, url);
    assert.equal(categories.placeOf('news', asked('http://news.example/')), undefined);
  });

  it('tells what it cannot take', () => {
    assert.deepEqual(faults({}), [': give at least one category']);
    assert.match(String(faults({ ads: {} })), /^ads: give at least one of domains, urls and exp/);
    assert.match(String(faults({ ads: { domains: 7 } })), /^ads\.domains: /);
    assert.match(String(faults({ ads: { domains: [] } })), /^ads\.domains/);
    assert.match(String(faults({ 'A B': { domains: 'x' } })), /1 to 64 lower-case letters/);
    assert.match(String(faults({ '*': { domains: 'x' } })), /1 to 64 lower-case letters/);
    assert.match(String(faults({ ads: { hosts: 'x' } })), /ads/);
    const hosts = domainMatcher({ domains: ['a.example'] });
    const urls = urlListMatcher({ urls: ['a.example/b'] });
    assert.match(String(faults({ ads: { domains: urls } })), /^ads\.domains: .* write it as urls/);
    for (const name of ['urls', 'expressions'])
      assert.match(String(faults({ ads: { [name]: hosts } })), /hosts: write it as domains/);
    assert.deepEqual(faults({ ads: { domains: hosts, urls, expressions: urls } }), []);
  });
});
