import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { IpAddress } from '../address/ip-address.ts';
import { currentInterfaces } from './current-interfaces.ts';

const LOOPBACK = IpAddress.parse('127.0.0.1');

describe('currentInterfaces()', () => {
  it('knows this machine with and without a C library', () => {
    assert.ok(currentInterfaces().isOwn(LOOPBACK));
    assert.ok(currentInterfaces({ missing: 'not here' }).isOwn(LOOPBACK));
  });

  it('goes without netlink where that is forbidden', needsDriver(), () => {
    const libc = { ...testLibc(), socket: (): number => testLibc().close(-1) };
    assert.ok(currentInterfaces({ libc }).isOwn(LOOPBACK));
  });
});
