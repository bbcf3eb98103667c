import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostList } from './host-list.ts';

/** A list in which each entry has its place, from 1. */
function list(...entries: string[]): HostList {
  const made = new HostList();
  for (const [index, entry] of entries.entries())
    assert.equal(made.add(entry, index + 1), undefined, entry);
  for (const step of made.complete()) assert.equal(step, undefined);
  return made;
}

function has(made: HostList, ...hosts: string[]): readonly boolean[] {
  return hosts.map((host) => made.find(host) !== undefined);
}

describe('HostList of domains', () => {
  it('has a domain and every name below it', () => {
    const domains = list('example.org', 'Ads.Example.NET.');
    for (const host of ['example.org', 'www.example.org', 'a.b.c.EXAMPLE.org', 'example.org.'])
      assert.equal(domains.find(host), 1, host);
    for (const host of ['ads.example.net', 'x.ads.example.net'])
      assert.equal(domains.find(host), 2);
    assert.equal(domains.find('a_b.example.org'), 1);
    for (const host of ['org', 'badexample.org', 'example.org.evil', 'example.net', '', '.', 'x'])
      assert.equal(domains.find(host), undefined, host);
  });

  it('has only the names below a domain with a dot before it', () => {
    const domains = list('.example.org');
    assert.deepEqual(has(domains, 'example.org', 'www.example.org', 'a.www.example.org'), [
      ...[false, true, true],
    ]);
    assert.deepEqual(has(list('.example.org', 'example.org'), 'example.org'), [true]);
  });

  it('answers the same however often it is asked, and about however many hosts', () => {
    const domains = list('example.org', '192.0.2.0/24');
    const others = Array.from({ length: 1000 }, (_, index) => `${index}.example.net`);
    for (let turn = 0; turn < 3; turn++) {
      for (const host of others) assert.equal(domains.find(host), undefined, host);
      assert.equal(domains.find('www.example.org'), 1);
      assert.equal(domains.find('192.0.2.7'), 2);
      assert.equal(domains.find('org'), undefined);
    }
  });

  it('forgets what it answered before it was complete', () => {
    const made = new HostList();
    assert.equal(made.find('192.0.2.7'), undefined);
    assert.equal(made.add('192.0.2.0/24', 1), undefined);
    for (const step of made.complete()) assert.equal(step, undefined);
    assert.equal(made.find('192.0.2.7'), 1);
  });

  it('tells of the nearest entry', () => {
    const domains = list('org', 'example.org', 'www.example.org');
    const found = ['www.example.org', 'a.www.example.org', 'x.example.org', 'other.org'];
    assert.deepEqual(
      found.map((host) => domains.find(host)),
      [3, 3, 2, 1],
    );
  });

  it('takes whole top-level domains, and international names in both ways to write them', () => {
    assert.equal(list('zip').find('evil.zip'), 1);
    for (const entry of ['xn--bcher-kva.example', 'bücher.example', 'Bücher.Example'])
      assert.equal(list(entry).find('www.XN--bcher-kva.example'), 1, entry);
  });

  it('has no text that is no host name', () => {
    const domains = list('example.org');
    for (const host of ['http://www.example.org', '..example.org', 'a b.example.org'])
      assert.equal(domains.find(host), undefined, host);
    // "k" in lower case is what the Kelvin sign becomes, also in a URL: the name of the list is meant.
    assert.equal(list('krypton.example').find('\u212Arypton.example'), 1);
  });

  it('counts, an entry that is there twice as two', () =>
    assert.equal(list('a.b', 'A.B', '.a.b', 'c').size, 4));
});

describe('HostList of hosts files', () => {
  it('has exactly the names of a line', () => {
    const hosts = list('127.0.0.1 ads.example', '0.0.0.0\ttracker.example  x.example # both');
    for (const [host, place] of [
      ['ads.example', 1],
      ['tracker.example', 2],
      ['x.example', 2],
      ['www.ads.example', undefined],
      ['127.0.0.1', undefined],
    ] as const)
      assert.equal(hosts.find(host), place, host);
  });

  it('has no names of this machine', () => {
    const hosts = list(
      ...['127.0.0.1 localhost localhost.localdomain', '::1 localhost', 'fe80::1%lo0 localhost'],
      ...['255.255.255.255 broadcasthost', 'ff02::1 ip6-allnodes', '0.0.0.0 0.0.0.0'],
    );
    assert.equal(hosts.size, 0);
    assert.deepEqual(has(hosts, 'localhost', 'www.localhost', '0.0.0.0'), [false, false, false]);
  });
});

describe('HostList of addresses', () => {
  it('has addresses and subnets, the nearest of them', () => {
    const hosts = list('192.0.2.1', '192.0.2.0/24', '2001:db8::/32', '10.0.0.0/8 # inside');
    for (const [host, place] of [
      ['192.0.2.1', 1],
      ['192.0.2.2', 2],
      ['2001:db8::7', 3],
      ['::ffff:10.1.1.1', 4],
      ['198.51.100.1', undefined],
      ['2001:db9::', undefined],
      ['192.0.2.1.example', undefined],
    ] as const)
      assert.equal(hosts.find(host), place, host);
  });
});

const wrong: [text: string, cure: RegExp][] = [
  ['*.example.org', /^write "\.example\.org"/],
  ['192.0.2', /^write the address or subnet/],
  ['192.0.2.0/33', /^write the address or subnet/],
  ['012.0.0.1', /^write the address or subnet/],
  ['2001:db8::/129', /^write the address or subnet as 2001:/],
  ['::ffff:192.0.2.0/120', /^write the address or subnet as 2001:/],
  ['fe80::1%eth0', /^write the address or subnet as 2001:/],
  ['example.org:80', /^give a host only/],
  ['http://example.org/', /^give a host only/],
  ['example.org/ads', /^give a host only/],
  ['ads.example tracker.example', /^write one name, or a line/],
  ['0.0.0.0 ads..example', /^write one name, or a line/],
  ['', /^give a host name, such as/],
  ['.', /^give a host name, such as/],
  ['..example.org', /^give a host name, such as/],
  ['a..b', /^give a host name, such as/],
  [`${'a'.repeat(64)}.b`, /^give a host name, such as/],
];

describe('HostList', () => {
  for (const [text, cure] of wrong)
    it(`does not take ${JSON.stringify(text)}`, () => {
      assert.match(new HostList().add(text, 1) ?? 'taken', cure);
    });
});
