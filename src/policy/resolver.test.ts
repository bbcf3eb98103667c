// Resolvers: what they may be made of, and what they give.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import {
  chosenAddresses,
  dnsResolver,
  explainResolver,
  familiesOf,
  hashResolver,
  lookUpInTable,
} from './resolver.ts';

/** What is no option, for a test of what becomes of it. */
function wrong(value: unknown): never {
  return value as never; // what a policy in plain JavaScript may say
}

const addresses = ['2001:db8::1', '192.0.2.1', '192.0.2.2'].map((text) => IpAddress.parse(text));

describe('dnsResolver()', () => {
  it('asks the system for the first address of any family', () => {
    const { kind, type, multi, family, servers, timeoutMs } = dnsResolver();
    assert.deepEqual([kind, type, multi, family, servers], ['resolver', 'dns', false, 'any', []]);
    assert.equal(timeoutMs, 5_000);
  });

  it('takes servers with and without a port', () => {
    const made = dnsResolver({ servers: ['192.0.2.53', '2001:db8::53', '[2001:db8::53]:5353'] });
    assert.deepEqual(made.servers.map(String), [
      '192.0.2.53:53',
      '[2001:db8::53]:53',
      '[2001:db8::53]:5353',
    ]);
    assert.deepEqual(dnsResolver({ servers: '192.0.2.53:54' }).servers.map(String), [
      '192.0.2.53:54',
    ]);
  });

  for (const [path, value, cure] of [
    ['servers', 'ns.example.org', /address of a DNS server/],
    ['servers', '192.0.2.53:0', /address of a DNS server/],
    ['servers', [], /address of a DNS server/],
    ['family', 'ipv5', /"ipv4", "ipv6" or "any"/],
    ['multi', 1, /true or false/],
    ['timeoutMs', 0, /at least 1/],
    ['server', '192.0.2.53', /^write "servers": there is no such option$/],
  ] as const) {
    it(`refuses ${path} ${JSON.stringify(value)}`, () => {
      const [fault, ...others] = faultsOf(dnsResolver(wrong({ [path]: value })));
      assert.deepEqual([fault?.path.replace(/\[.*/, ''), others], [path, []]);
      assert.match(fault?.cure ?? '', cure);
    });
  }

  it('gives the first address of its family, or all of them', () => {
    const told = (options: object): string =>
      chosenAddresses(dnsResolver(options), addresses).join(' ');
    assert.equal(told({}), '2001:db8::1');
    assert.equal(told({ multi: true }), '2001:db8::1 192.0.2.1 192.0.2.2');
    assert.equal(told({ family: 'ipv4' }), '192.0.2.1');
    assert.equal(told({ family: 'ipv4', multi: true }), '192.0.2.1 192.0.2.2');
    assert.equal(told({ family: 'ipv6', multi: true }), '2001:db8::1');
    assert.deepEqual(familiesOf(dnsResolver()), ['ipv4', 'ipv6']);
    assert.deepEqual(familiesOf(dnsResolver({ family: 'ipv6' })), ['ipv6']);
  });
});

describe('hashResolver()', () => {
  it('knows the names of its table, however they are written, and no others', () => {
    const mapping = { 'WWW.example.org': '192.0.2.1', 'b.example.': ['192.0.2.2', '2001:db8::2'] };
    const made = hashResolver({ mapping });
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual(lookUpInTable(made, 'www.EXAMPLE.org.').map(String), ['192.0.2.1']);
    assert.deepEqual(lookUpInTable(made, 'b.example').map(String), ['192.0.2.2', '2001:db8::2']);
    for (const host of ['c.example', '192.0.2.1', '__proto__', 'constructor', ''])
      assert.deepEqual(lookUpInTable(made, host), [], host);
  });

  it('unmaps IPv4-mapped addresses', () => {
    const made = hashResolver({ mapping: { a: '::ffff:192.0.2.1' } });
    assert.deepEqual(lookUpInTable(made, 'a').map(String), ['192.0.2.1']);
  });

  for (const [mapping, cure] of [
    [{ 'a.example': 'b.example' }, /IP address/],
    [{ 'a.example': [] }, /IP address/],
    [{ '192.0.2.1': '192.0.2.2' }, /host name/],
    [{ 'A.example': '192.0.2.1', 'a.example.': '192.0.2.2' }, /the same name/],
    [undefined, /object of addresses/],
  ] as const) {
    it(`refuses ${mapping === undefined ? 'no mapping' : JSON.stringify(mapping)}`, () => {
      const [fault] = faultsOf(hashResolver(wrong({ mapping })));
      assert.match(`${fault?.path ?? ''}: ${fault?.cure ?? ''}`, cure);
    });
  }
});

describe('explainResolver()', () => {
  it('says who is asked', () => {
    assert.equal(explainResolver(dnsResolver()), "names by the system's resolver");
    assert.equal(
      explainResolver(dnsResolver({ servers: '192.0.2.53', family: 'ipv4', multi: true })),
      'names by 192.0.2.53:53, IPv4 only, all addresses',
    );
    assert.match(explainResolver(dnsResolver({ family: 'ipv6' })), /IPv6 only/);
    assert.equal(
      explainResolver(hashResolver({ mapping: { a: '::2' } })),
      'names from a table of 1',
    );
  });
});
