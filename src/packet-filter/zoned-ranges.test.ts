import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { listener } from '../policy/listener.ts';
import type { Policy } from '../policy/policy.ts';
import { findZone, withHostAddresses } from '../policy/policy.ts';
import { zone } from '../policy/zone.ts';
import { plug } from '../../test/support/packet-filter-policy.ts';
import { addressText, subnetText } from '../../test/support/random-addresses.ts';
import { addressOf, numberOf, rangeOf, zonedRanges } from './zoned-ranges.ts';

const listeners = [listener('127.0.0.1:1', plug)];

function textOf(policy: Policy): readonly string[] {
  return zonedRanges(policy, 'ipv4').map(({ first, last, zone: { name } }) =>
    [addressOf('ipv4', first), addressOf('ipv4', last), name].join(' '),
  );
}

describe('zonedRanges()', () => {
  it('cuts more specific subnets and host names out of wider ones', () => {
    const zones = [
      zone('all', { subnets: ['0.0.0.0/0'] }),
      zone('net', { subnets: ['10.0.0.0/8', '10.0.0.0/30'] }),
      zone('host', { subnets: ['10.0.0.2'], hostnames: ['www.example.org'] }),
    ];
    const hosts = new Map([['www.example.org', [IpAddress.parse('255.255.255.255')]]]);
    const policy = withHostAddresses(definePolicy({ zones, listeners }), hosts);
    assert.deepEqual(textOf(policy), [
      '0.0.0.0 9.255.255.255 all',
      '10.0.0.0 10.0.0.1 net',
      '10.0.0.2 10.0.0.2 host',
      '10.0.0.3 10.0.0.3 net',
      '10.0.0.4 10.255.255.255 net',
      '11.0.0.0 255.255.255.254 all',
      '255.255.255.255 255.255.255.255 host',
    ]);
  });

  it('has for every address the zone that longest prefix match finds', () => {
    const property = fc.property(
      fc.uniqueArray(subnetText, { maxLength: 12, selector: (text) => String(Subnet.parse(text)) }),
      fc.array(addressText, { minLength: 20, maxLength: 20 }),
      (subnets, addresses) => {
        const zones = subnets.map((text, index) => zone(`zone${index}`, { subnets: [text] }));
        const policy = definePolicy({ zones, listeners });
        for (const text of addresses) {
          const address = IpAddress.parse(text);
          const number = numberOf(address);
          const found = zonedRanges(policy, address.family).filter(
            ({ first, last }) => first <= number && number <= last,
          );
          const expected = findZone(policy, address);
          assert.deepEqual(
            found.map((range) => range.zone.name),
            expected === undefined ? [] : [expected.name],
          );
        }
      },
    );
    fc.assert(property, { numRuns: 100 });
  });
});

it('addresses are numbers, and back', () => {
  for (const text of ['0.0.0.0', '255.255.255.255', '192.0.2.1', '::', '2001:db8::1:0:0:1']) {
    const address = IpAddress.parse(text);
    assert.equal(String(addressOf(address.family, numberOf(address))), text);
  }
  assert.deepEqual(rangeOf(Subnet.parse('10.0.0.0/31')), {
    first: 0x0a00_0000n,
    last: 0x0a00_0001n,
  });
});
