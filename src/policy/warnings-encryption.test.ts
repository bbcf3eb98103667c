import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { staticCertificate } from './certificate-source.ts';
import { definePolicy } from './define-policy.ts';
import type { Encryption } from './encryption.ts';
import {
  clientOnlyEncryption,
  fakeStartTlsEncryption,
  serverOnlyEncryption,
  twoSidedEncryption,
} from './encryption.ts';
import { listener } from './listener.ts';
import { staticNat } from './nat-addresses.ts';
import { directedRouter, inbandRouter } from './router.ts';
import type { ServiceOptions } from './service.ts';
import { service } from './service.ts';
import { encryptionWarnings } from './warnings-encryption.ts';

const clientCertificate = staticCertificate({ certificate: 'a', privateKey: 'b' });

function found(encryption: Encryption, options: Partial<ServiceOptions> = {}): readonly string[] {
  const made = service('web', { proxy: idleProxy(), encryption, ...options });
  const policy = definePolicy({ zones: [], listeners: [listener('127.0.0.1:1', made)] });
  return encryptionWarnings(policy).map(({ code, message }) => `${code}: ${message}`);
}

describe('encryptionWarnings()', () => {
  it('has nothing against the defaults', () => {
    assert.deepEqual(found(serverOnlyEncryption()), []);
  });

  it('tells of old versions, on each side', () => {
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

  it('tells of URLs that are not what clients with TLS have asked for', () => {
    const proxy = idleProxy({ expectsPlainClients: true });
    for (const encryption of [
      clientOnlyEncryption({ clientCertificate }),
      twoSidedEncryption({ clientCertificate }),
    ]) {
      const [line = '', ...more] = found(encryption, { proxy });
      assert.match(
        line,
        /^tls\.plain-clients: service "web" speaks TLS with clients, .* say http$/,
      );
      assert.deepEqual(more, []);
    }
    assert.deepEqual(found(serverOnlyEncryption(), { proxy }), []);
  });

  it('leaves alone what begins in plain text', () => {
    const proxy = idleProxy({ expectsPlainClients: true, startsTls: true });
    assert.deepEqual(found(fakeStartTlsEncryption({ clientCertificate }), { proxy }), []);
  });

  it('tells of servers without TLS that clients may choose', () => {
    const proxy = idleProxy({ expectsPlainServers: true });
    const router = inbandRouter();
    for (const encryption of [serverOnlyEncryption(), twoSidedEncryption({ clientCertificate })]) {
      const [line = '', ...more] = found(encryption, { proxy, router });
      assert.match(line, /^tls\.plain-servers: service "web" speaks TLS with all servers, /);
      assert.deepEqual(more, []);
    }
    const fine: readonly Partial<ServiceOptions>[] = [
      { proxy, router: directedRouter({ destination: '192.0.2.1:443' }) },
      { proxy, router, dnat: staticNat({ address: '192.0.2.1:443' }) },
      { proxy, router, encryption: clientOnlyEncryption({ clientCertificate }) },
      { router },
    ];
    for (const options of fine) assert.deepEqual(found(serverOnlyEncryption(), options), []);
  });
});
