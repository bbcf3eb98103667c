import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverOf, translationOf } from '../../test/support/nat-pairs.ts';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import type { Nat } from './nat.ts';
import type { EmbeddingLength } from './nat-families.ts';
import { nat46, nat64 } from './nat-families.ts';

const prefix = '2001:db8:122:344::';

describe('nat46() and nat64() (as in the original; RFC 6052, 2.4)', () => {
  const table: [prefixLength: EmbeddingLength, plain: string, suffix?: string, with_?: string][] = [
    [32, '2001:db8:c000:221::', '::1', '2001:db8:c000:221::1'],
    [40, '2001:db8:1c0:2:21::', '::2', '2001:db8:1c0:2:21::2'],
    [48, '2001:db8:122:c000:2:2100::', '::6', '2001:db8:122:c000:2:2100:0:6'],
    [56, '2001:db8:122:3c0:0:221::', '::12', '2001:db8:122:3c0:0:221:0:12'],
    [64, '2001:db8:122:344:c0:2:2100:0', '::24', '2001:db8:122:344:c0:2:2100:24'],
    [96, '2001:db8:122:344::c000:221'],
  ];
  for (const [prefixLength, plain, suffix, withSuffix] of table)
    it(`embed 192.0.2.33 behind ${prefixLength} bits, and find it there`, () => {
      assert.equal(serverOf(nat46({ prefix, prefixLength }), '192.0.2.33'), plain);
      const back = nat64({ prefixLength });
      assert.equal(serverOf(back, plain), '192.0.2.33');
      if (suffix === undefined || withSuffix === undefined) return;
      const nat = nat46({ prefix, prefixLength, suffix });
      assert.deepEqual(faultsOf(nat), []);
      assert.equal(serverOf(nat, '192.0.2.33'), withSuffix);
      assert.equal(serverOf(back, withSuffix), '192.0.2.33');
    });

  it('use the well-known prefix, and keep the port', () => {
    const pair = { source: '192.0.2.33:4000', destination: '[64:ff9b::c000:221]:80' };
    assert.equal(translationOf(nat46(), 'snat', pair), '[64:ff9b::c000:221]:4000');
    assert.equal(translationOf(nat64(), 'dnat', pair), '192.0.2.33:80');
    assert.equal(translationOf(nat64(), 'snat', {}), 'unmapped');
    assert.equal(translationOf(nat46(), 'dnat', {}), 'unmapped');
  });

  it('refuse the other family at run time', () => {
    assert.equal(serverOf(nat64(), '192.0.2.33'), 'refused');
    assert.equal(serverOf(nat46(), '2001:db8::1'), 'refused');
  });

  it('never make an address that is IPv4 in disguise', () => {
    assert.equal(
      serverOf(nat46({ prefix: '::ffff:0:0:0', prefixLength: 64 }), '0.255.255.1'),
      '1.0.0.0',
    );
  });

  it('say what they do', () => {
    assert.equal(nat64().explain(), 'NAT64: the IPv4 address behind 96 bits');
    assert.equal(nat46().explain(), 'NAT46: the IPv4 address in 64:ff9b::, behind 96 bits');
  });
});

describe('faults of NAT between the families', () => {
  const faulty: [call: string, make: () => Nat, path: string, cure: RegExp][] = [
    ['nat64(', () => nat64({ prefixLength: wrong(71) }), 'prefixLength', /32, 40, 48/],
    ['nat46(', () => nat46({ prefixLength: wrong(71) }), 'prefixLength', /32, 40, 48/],
    ['nat46(', () => nat46({ prefix: 'almafa' }), 'prefix', /write/],
    ['nat46(', () => nat46({ prefix: '10.0.0.1' }), 'prefix', /give an IPv6 address/],
    ['nat46(', () => nat46({ prefix: '::ffff:0:0' }), 'prefix', /as IPv4/],
    ['nat46(', () => nat46({ suffix: 'sadfafwe' }), 'suffix', /write/],
    [
      'nat46(',
      () => nat46({ prefixLength: 32, suffix: '::2001:db8:122:344' }),
      'suffix',
      /only the last 7 bytes/,
    ],
    ['nat46(', () => nat46({ prefixLength: 64, suffix: '::1:0:0' }), 'suffix', /last 3 bytes/],
    ['nat46(', () => nat46({ suffix: '::1' }), 'suffix', /leave it out/],
  ];
  for (const [call, make, path, cure] of faulty)
    it(`are remembered: ${path} of ${call})`, () => {
      const fault = onlyFault(make(), call);
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });
});
