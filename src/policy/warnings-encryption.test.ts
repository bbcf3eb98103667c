import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { staticCertificate } from './certificate-source.ts';
import { definePolicy } from './define-policy.ts';
import type { Encryption } from './encryption.ts';
import { serverOnlyEncryption, twoSidedEncryption } from './encryption.ts';
import { listener } from './listener.ts';
import { service } from './service.ts';
import { encryptionWarnings } from './warnings-encryption.ts';

function found(encryption: Encryption): readonly string[] {
  const made = service('web', { proxy: idleProxy(), encryption });
  const policy = definePolicy({ zones: [], listeners: [listener('127.0.0.1:1', made)] });
  return encryptionWarnings(policy).map(({ code, message }) => `${code}: ${message}`);
}

describe('encryptionWarnings()', () => {
  it('has nothing against the defaults', () => {
    assert.deepEqual(found(serverOnlyEncryption()), []);
  });

  it('tells of old versions, on each side', () => {
    const clientCertificate = staticCertificate({ certificate: 'a', privateKey: 'b' });
    const old = { minVersion: 'TLSv1.1' } as const;
    const told = found(twoSidedEncryption({ clientCertificate, clientTls: old, serverTls: old }));
    assert.deepEqual(told, [
      'tls.old-version: service "web" permits TLSv1.1 with clients: versions before 1.2 have known weaknesses',
      'tls.old-version: service "web" permits TLSv1.1 with servers: versions before 1.2 have known weaknesses',
    ]);
  });

  it('tells where any server will do', () => {
    for (const [serverVerify, what] of [
      [{ trusted: false }, 'trusted: false'],
      [{ checkName: false }, 'checkName: false'],
    ] as const)
      assert.deepEqual(found(serverOnlyEncryption({ serverVerify })), [
        `tls.any-server: service "web" has ${what}: anybody on the way can be the server`,
      ]);
  });
});
