import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DomainList } from './domain-list.ts';

function list(...domains: string[]): DomainList {
  const made = new DomainList();
  for (const domain of domains) assert.equal(made.add(domain), undefined, domain);
  return made;
}

describe('DomainList', () => {
  it('has a domain and every name below it', () => {
    const domains = list('example.org', 'Ads.Example.NET.');
    for (const host of ['example.org', 'www.example.org', 'a.b.c.EXAMPLE.org', 'example.org.'])
      assert.equal(domains.has(host), true, host);
    for (const host of ['ads.example.net', 'x.ads.example.net', 'a_b.example.org'])
      assert.equal(domains.has(host), true, host);
    for (const host of ['org', 'badexample.org', 'example.org.evil', 'example.net', '', '.', 'x'])
      assert.equal(domains.has(host), false, host);
  });

  it('has only the names below a domain with a dot before it', () => {
    const domains = list('.example.org');
    assert.equal(domains.has('example.org'), false);
    assert.equal(domains.has('www.example.org'), true);
    assert.equal(domains.has('a.www.example.org'), true);
    assert.equal(list('.example.org', 'example.org').has('example.org'), true);
  });

  it('takes whole top-level domains, and international names as A-labels', () => {
    assert.equal(list('zip').has('evil.zip'), true);
    assert.equal(list('xn--bcher-kva.example').has('www.XN--bcher-kva.example'), true);
  });

  it('has no text that is no host name', () => {
    const domains = list('example.org');
    for (const host of [
      'http://www.example.org',
      '..example.org',
      'a b.example.org',
      '-.example.org',
    ])
      assert.equal(domains.has(host), false, host);
    // The Kelvin sign is a "k" in lower case; names come as A-labels, so this is none.
    assert.equal(list('krypton.example').has('\u212Arypton.example'), false);
    assert.equal(list('example.org').has('\u212A.example.org'), false);
  });

  it('counts', () => assert.equal(list('a.b', 'A.B', '.a.b', 'c').size, 3));

  const wrong: [text: string, cure: RegExp][] = [
    ['*.example.org', /^write "\.example\.org"/],
    ['192.0.2.1', /^give a host name only: no address/],
    ['2001:db8::1', /^give a host name only/],
    ['example.org:80', /^give a host name only/],
    ['http://example.org/', /^give a host name only/],
    ['bücher.example', /A-labels/],
    ['0.0.0.0 ads.example', /^write one name/],
    ['', /^give a host name, such as/],
    ['.', /^give a host name, such as/],
    ['..example.org', /^give a host name, such as/],
    ['a..b', /^give a host name, such as/],
    [`${'a'.repeat(64)}.b`, /^give a host name, such as/],
  ];
  for (const [text, cure] of wrong)
    it(`does not take ${JSON.stringify(text)}`, () => {
      assert.match(new DomainList().add(text) ?? 'taken', cure);
    });
});
