// Addresses as records have them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { zone } from '../policy/zone.ts';
import { addressIn, addressOf } from './recorded-address.ts';

describe('a recorded address', () => {
  it('has a zone where zones count, null if it is in none', () => {
    const address = SocketAddress.parse('[2001:db8::1]:80');
    assert.deepEqual(addressOf(address), { address: '2001:db8::1', port: 80 });
    assert.equal(addressIn(address, undefined).zone, null);
    assert.equal(addressIn(address, zone('dmz', { subnets: [] })).zone, 'dmz');
  });
});
