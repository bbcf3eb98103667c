import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_TLS_OPTIONS, permitsOldVersions, tlsOptions } from './tls-options.ts';

describe('tlsOptions', () => {
  it('is TLS 1.2 and 1.3 where nothing else is said', () => {
    assert.deepEqual(DEFAULT_TLS_OPTIONS, {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      applicationProtocols: [],
      handshakeTimeoutMs: 30_000,
      permitTruncation: false,
      sessionLifetimeMs: 300_000,
    });
    assert.equal(permitsOldVersions(DEFAULT_TLS_OPTIONS), false);
    assert.equal(permitsOldVersions(tlsOptions.parse({ minVersion: 'TLSv1.1' })), true);
  });

  const faulty: [given: object, cure: RegExp][] = [
    [{ minVersion: 'SSLv3' }, /one of TLSv1, TLSv1\.1, TLSv1\.2, TLSv1\.3/],
    [{ maxVersion: 'TLSv1.1' }, /not older than minVersion/],
    [{ ciphers: 'A, B' }, /as OpenSSL writes them/],
    [{ groups: '' }, /as OpenSSL writes them/],
    [{ applicationProtocols: 'h2' }, /a list of names/],
    [{ applicationProtocols: [''] }, /names of protocols/],
    [{ applicationProtocols: ['x'.repeat(256)] }, /at most 255 bytes/],
    [{ handshakeTimeoutMs: 0 }, /at least 1 millisecond/],
    [{ version: 'TLSv1.2' }, /nrecognized/],
  ];
  for (const [given, cure] of faulty)
    it(`refuses ${JSON.stringify(given).slice(0, 60)}`, () => {
      const { error } = tlsOptions.safeParse(given);
      assert.match(error?.issues[0]?.message ?? '', cure);
    });
});
