import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemDigests } from './digests.ts';

describe('systemDigests', () => {
  it('makes HMAC-SHA-256 (RFC 4231, test case 2)', () => {
    const mac = systemDigests.mac('Jefe', 'what do ya want for nothing?');
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    assert.equal(Buffer.from(mac, 'base64url').toString('hex'), expected);
    assert.equal(mac.length, 43);
  });

  it('makes another key each time', () => {
    assert.notEqual(systemDigests.newKey(), systemDigests.newKey());
    assert.equal(Buffer.from(systemDigests.newKey(), 'base64url').length, 32);
  });

  it('compares texts of any length', () => {
    assert.equal(systemDigests.equal('abc', 'abc'), true);
    assert.equal(systemDigests.equal('abc', 'abd'), false);
    assert.equal(systemDigests.equal('abc', 'abcd'), false);
    assert.equal(systemDigests.equal('é', 'e'), false);
  });
});
