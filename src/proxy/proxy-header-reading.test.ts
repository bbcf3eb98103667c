import assert from 'node:assert/strict';
import { it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { endOf, faulty, INCOMPLETE } from './proxy-header-reading.ts';

it('has three outcomes, and no end that is IPv4 in disguise', () => {
  assert.deepEqual(INCOMPLETE, { state: 'incomplete' });
  assert.deepEqual(faulty('missing', 'None'), {
    state: 'faulty',
    fault: 'missing',
    message: 'None',
  });
  assert.equal(String(endOf(IpAddress.parse('::ffff:192.0.2.1'), 80)), '192.0.2.1:80');
  assert.equal(String(endOf(IpAddress.parse('2001:db8::1'), 0)), '[2001:db8::1]:0');
});
