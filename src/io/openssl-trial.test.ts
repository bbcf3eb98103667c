import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallCounter } from '../../test/support/call-counter.ts';
import { needsOpenSsl } from '../../test/support/tls-layers.ts';
import { OpenSslShare } from './openssl-share.ts';
import { tryOpenSsl } from './openssl-trial.ts';
import type { OpenSsl } from './openssl.ts';
import { loadOpenSsl } from './openssl.ts';

describe('a trial of OpenSSL', needsOpenSsl(), () => {
  const openSsl = loadOpenSsl().openSsl ?? assert.fail();
  const now = Date.now();

  /** What is said of one where something is otherwise. */
  function tried(change: Partial<OpenSsl>): string | undefined {
    return tryOpenSsl(new OpenSslShare({ ...openSsl, ...change }), now);
  }

  it('goes well, whatever the time is, and frees its connections', () => {
    const counter = new CallCounter(openSsl);
    const share = new OpenSslShare(counter.openSsl);
    assert.equal(tryOpenSsl(share, now), undefined);
    assert.equal(tryOpenSsl(share, now + 86_400_000), undefined, 'it signs for tomorrow, too');
    const { connections, certificates, keys } = counter.alive;
    assert.deepEqual([connections, certificates, keys], [undefined, undefined, undefined]);
    assert.deepEqual([share.takeBack().length, share.takeOutgoing().length], [0, 0]);
  });

  it('finds what comes out wrong', () => {
    const wrong = 'OpenSSL of this node cannot be used: a handshake in memory came out wrong';
    assert.equal(tried({ SSL_get_version: () => 'TLSv1.2' }), wrong);
    assert.equal(tried({ SSL_get_verify_result: () => 18 }), wrong);
    assert.equal(tried({ SSL_get_servername: () => 'else.example' }), wrong);
    assert.equal(tried({ SSL_do_handshake: () => -1, SSL_get_error: () => 2 }), wrong, 'no end');
    const { SSL_write: write } = openSsl;
    let count = 0;
    const once: OpenSsl['SSL_write'] = (...parameters) => {
      count += 1;
      return count === 1 ? write(...parameters) : Number(parameters[2]); // writes nothing the second time
    };
    assert.equal(tried({ SSL_write: once }), wrong);
  });

  it('says what fails', () => {
    assert.match(
      tried({ SSL_new: () => 0 }) ?? '',
      /^OpenSSL of this node cannot be used: unknown$/,
    );
    assert.match(tried({ SSL_CTX_check_private_key: () => 0 }) ?? '', /cannot be used: /);
    const thrown = (): never => {
      throw new TypeError('koffi cannot convert this');
    };
    assert.match(tried({ SSL_set_accept_state: thrown }) ?? '', /koffi cannot convert this$/);
  });
});
