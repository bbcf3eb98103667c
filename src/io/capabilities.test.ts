import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { hasCapability, keepFromPrograms, readCapabilities } from './capabilities.ts';
import type { Libc } from './libc.ts';

const STATUS = `Name:\tnode
CapInh:\t0000000000001400
CapPrm:\t000001ffffffffff
CapEff:\t0000000000001000
CapBnd:\t000001ffffffffff
CapAmb:\t0000000000000400
`;

describe('the capabilities of a process', () => {
  it('are read from its status', () => {
    const sets = readCapabilities(STATUS);
    assert.deepEqual(sets, {
      effective: 0x1000n,
      permitted: 0x1ffffffffffn,
      ambient: 0x400n,
      inheritable: 0x1400n,
    });
    assert.ok(hasCapability(sets.effective, 'net_admin'));
    assert.ok(!hasCapability(sets.effective, 'net_bind_service'));
    assert.ok(hasCapability(sets.permitted, 'setuid'));
    assert.throws(() => readCapabilities('Name:\tnode\n'), /does not tell CapEff/);
    assert.equal(typeof readCapabilities().effective, 'bigint');
  });
});

describe('keepFromPrograms()', needsDriver(), () => {
  it('keeps what the process has, and makes nothing of it inheritable', () => {
    const libc = testLibc();
    const before = readCapabilities();
    keepFromPrograms(libc, before);
    assert.deepEqual(readCapabilities(), { ...before, ambient: 0n, inheritable: 0n });
  });

  it('says so when the kernel refuses', () => {
    const libc: Libc = { ...testLibc(), capset: () => -1, errno: () => 1 };
    assert.throws(() => keepFromPrograms(libc, readCapabilities()), /the system says EPERM$/);
  });
});
