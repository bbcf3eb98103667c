import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { at } from '../../test/support/policy-samples.ts';
import { Subnet } from '../address/subnet.ts';
import { endOf, rangesByEnd, refusedBecause, translatedInto, UNMAPPED } from './nat.ts';

describe('the ends and the results of a translation', () => {
  it('are the source of snat and the destination of dnat', () => {
    const pair = { source: at('10.0.0.1:1'), destination: at('10.0.0.2:2') };
    assert.equal(endOf(pair, 'snat'), pair.source);
    assert.equal(endOf(pair, 'dnat'), pair.destination);
    assert.equal(endOf({ ...pair, source: undefined }, 'snat'), undefined);
  });

  it('are IPv4 where they only look like IPv6', () => {
    const result = translatedInto(IpAddress.parse('::ffff:10.0.0.1'), 80);
    assert.deepEqual(result, { outcome: 'translated', address: at('10.0.0.1:80') });
  });

  it('may be none', () => {
    assert.deepEqual(UNMAPPED, { outcome: 'unmapped' });
    assert.ok(Object.isFrozen(UNMAPPED));
    assert.deepEqual(refusedBecause('No'), { outcome: 'refused', message: 'No' });
  });
});

describe('rangesByEnd()', () => {
  it('asks for the end that is translated, whichever it is', () => {
    const inside = Subnet.parse('10.0.0.0/24');
    const translated = Subnet.parse('192.0.2.0/24');
    const line = { translated, port: 80 };
    assert.deepEqual(rangesByEnd([{ inside, translated }], { otherwise: 'refused', port: 80 }), {
      snat: { mappings: [{ from: inside, to: undefined, ...line }], otherwise: 'refused' },
      dnat: { mappings: [{ from: undefined, to: inside, ...line }], otherwise: 'refused' },
    });
  });
});
