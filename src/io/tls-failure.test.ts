import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tlsFailure } from './tls-failure.ts';

function failed(code: string, reason = 'a reason'): Error {
  return Object.assign(new Error('long text of OpenSSL'), { code, reason });
}

describe('tlsFailure()', () => {
  it('names what is known', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [undefined, 'tls.server-closed'],
      [failed('ECONNRESET'), 'tls.server-closed'],
      [failed('ERR_SSL_NO_SHARED_CIPHER'), 'tls.no-shared-cipher'],
      [failed('ERR_SSL_UNSUPPORTED_PROTOCOL'), 'tls.version-refused'],
      [failed('ERR_SSL_WRONG_VERSION_NUMBER'), 'tls.not-tls'],
      [failed('ERR_SSL_EE_KEY_TOO_SMALL'), 'tls.weak-certificate'],
      [failed('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'tls.server-alert'],
      [failed('ERR_SSL_NO_SUITABLE_KEY_SHARE'), 'tls.no-shared-cipher'],
      [failed('ERR_SSL_TLSV1_UNRECOGNIZED_NAME'), 'tls.server-alert'],
      [failed('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'), 'tls.server-alert'],
      [failed('ERR_SSL_BAD_SIGNATURE'), 'tls.server-handshake'],
      [new Error('No certificate for www.example'), 'tls.server-handshake'],
      ['a text', 'tls.server-closed'],
    ];
    for (const [error, reason] of cases) assert.equal(tlsFailure('server', error).reason, reason);
  });

  it('says it in words, without control characters and in bounds', () => {
    const alert = tlsFailure('client', failed('ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN'));
    assert.equal(alert.message, 'The client refuses the handshake: certificate unknown');
    const long = tlsFailure('client', failed('ERR_SSL_BAD_SIGNATURE', `bad\r\n${'x'.repeat(500)}`));
    assert.match(long.message, /^No TLS with the client: bad x{196}$/);
  });
});
