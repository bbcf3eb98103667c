import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UrlList } from './url-list.ts';

function list(...entries: string[]): UrlList {
  const made = new UrlList();
  for (const [index, entry] of entries.entries())
    assert.equal(made.add(entry, index + 1), undefined, entry);
  for (const step of made.complete()) assert.equal(step, undefined);
  return made;
}

describe('UrlList', () => {
  const table: readonly (readonly [
    entry: string,
    has: readonly string[],
    not: readonly string[],
  ])[] = [
    [
      'example.org/ads',
      [
        ...['http://example.org/ads', 'https://example.org/ads', 'http://example.org/ads/x.png'],
        ...['http://example.org/ads?x=1', 'http://example.org/ads/?x'],
      ],
      [
        ...['http://example.org/', 'http://example.org/adsense', 'http://www.example.org/ads'],
        ...['http://example.org/Ads', 'http://example.org:8080/ads', 'http://x/?example.org/ads'],
        ...['http://x/example.org/ads', 'example.org/ads', 'http://example.org/ads&x?y'],
      ],
    ],
    [
      'example.org/ads/',
      ['http://example.org/ads/', 'http://example.org/ads/x'],
      ['http://example.org/ads'],
    ],
    [
      'example.org',
      ['http://example.org/', 'http://example.org/x?y'],
      ['http://example.org.evil/'],
    ],
    ['http://example.org/a', ['http://example.org/a/b'], ['https://example.org/a']],
    ['https://example.org', ['https://example.org/'], ['http://example.org/']],
    ['example.org:8080/a', ['http://example.org:8080/a'], ['http://example.org/a']],
    [
      'example.org:80/a',
      ['http://example.org/a', 'https://example.org:80/a'],
      ['https://example.org/a', 'http://example.org:80/a'],
    ],
    [
      'example.org:443/a',
      ['https://example.org/a', 'http://example.org:443/a'],
      ['http://example.org/a'],
    ],
    ['https://example.org:443/a', ['https://example.org/a'], ['http://example.org:443/a']],
    ['example.org./a', ['http://example.org/a'], []],
    ['example.org.:8080/a', ['http://example.org:8080/a'], []],
    ['intranet/a', ['http://intranet/a'], []],
    [
      'example.org/show?id=7',
      ['http://example.org/show?id=7', 'http://example.org/show?id=7&x=1'],
      [
        'http://example.org/show',
        'http://example.org/show?id=77',
        'http://example.org/show?x&id=7',
      ],
    ],
    ['HTTP://Example.ORG/%7euser/%c3%a4', ['http://example.org/~user/%C3%A4'], []],
    ['example.org/a/../b', ['http://example.org/b'], ['http://example.org/a/b']],
    ['bücher.example/ä', ['http://xn--bcher-kva.example/%C3%A4'], []],
    ['192.0.2.1/x', ['http://192.0.2.1/x'], []],
    ['[2001:db8::1]:8080/x', ['http://[2001:db8::1]:8080/x'], []],
  ];
  for (const [entry, has, not] of table)
    it(`has what ${entry} is for, and nothing else`, () => {
      const urls = list(entry);
      for (const url of has) assert.equal(urls.find(url), 1, url);
      for (const url of not) assert.equal(urls.find(url), undefined, url);
    });

  it('tells of the nearest entry, of one with the scheme first', () => {
    const urls = list('a.example', 'a.example/x/y', 'http://a.example/x');
    assert.equal(urls.find('http://a.example/z'), 1);
    assert.equal(urls.find('https://a.example/x/y/z'), 2);
    assert.equal(urls.find('http://a.example/x/y/z'), 3);
    assert.equal(urls.size, 3);
  });

  const wrong: [text: string, cure: RegExp][] = [
    ['', /^give a URL as browsers/],
    ['ftp://example.org/', /^give a URL of http/],
    ['http://', /^give a URL as browsers/],
    ['http://a b/', /^give a URL as browsers/],
    ['example.org/a b', /^give a URL as browsers/],
    ['http://0x7f.1/', /^give a URL as browsers/],
    ['127.1/x', /^give a URL as browsers/],
    ['http://[::ffff:192.0.2.1]/', /^give a URL as browsers/],
    ['http:///ads', /^give a URL as browsers/],
    ['/ads', /^give a URL as browsers/],
    ['http:/example.org/', /^give a URL as browsers/],
    ['http:\\\\example.org/', /^give a URL as browsers/],
    ['-example-.org/', /^give a URL as browsers/],
    ['ex(a).example/', /^give a URL as browsers/],
    ['*.example.org/ads', /^leave out "\*\."/],
    ['http://*.example.org/', /^leave out "\*\."/],
    ['http://u:p@example.org/', /^leave out user/],
    ['example.org/a#b', /^leave out user/],
  ];
  for (const [text, cure] of wrong)
    it(`does not take ${JSON.stringify(text)}`, () =>
      assert.match(new UrlList().add(text, 1) ?? 'taken', cure));
});
