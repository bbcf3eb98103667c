import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecureContext } from 'node:tls';
import { labPlan } from '../../test/support/openssl-lab.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import { OpenSslError, takeError } from './openssl-error.ts';

describe('an error of OpenSSL', needsOpenSsl(), () => {
  const share = testShare();
  const { openSsl } = share;
  share.contexts.make(labPlan()); // with which its words are loaded

  it('is the first of the queue, which is empty afterwards', () => {
    openSsl.ERR_clear_error();
    openSsl.SSL_CTX_new(0);
    openSsl.SSL_new(0);
    const error = takeError(openSsl);
    assert.ok(error instanceof OpenSslError && error instanceof Error);
    assert.equal(error.reason, 'null ssl method passed');
    assert.deepEqual([error.message, error.code], [error.reason, 'ERR_SSL_NULL_SSL_METHOD_PASSED']);
    assert.equal(openSsl.ERR_peek_error(), 0);
  });

  it('is unknown where there is none in the queue', () => {
    openSsl.ERR_clear_error();
    assert.deepEqual(
      [takeError(openSsl).code, takeError(openSsl).reason],
      ['ERR_SSL_UNKNOWN', 'unknown'],
    );
  });

  it('is unknown where OpenSSL has no words for it', () => {
    const made = takeError({
      ...openSsl,
      ERR_peek_error: () => 1,
      ERR_reason_error_string: () => null,
    });
    assert.equal(made.reason, 'unknown');
  });

  it('has the code that Node has for it', () => {
    const codeOf = (make: () => unknown): unknown => {
      try {
        return make();
      } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error;
      }
    };
    assert.equal(
      codeOf(() => share.contexts.make(labPlan({ ciphers: 'NO-SUCH' }))),
      codeOf(() => createSecureContext({ ciphers: 'NO-SUCH' })),
    );
  });
});
