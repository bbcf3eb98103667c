// What OpenSSL says went wrong, as an error that looks like one of Node's own, so that both are read by the same words.

import type { OpenSsl } from './openssl.ts';

/** An error of OpenSSL. Its code is `ERR_SSL_` with the reason in capitals, as Node makes it. */
export class OpenSslError extends Error {
  readonly code: string;
  /** In the words of OpenSSL, such as `wrong version number`. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
    this.code = `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
  }
}

/**
 * The first error of the queue of this thread, which is empty afterwards. Node's own use of OpenSSL may leave something
 * in it: who wants to know about one call clears it before.
 */
export function takeError(openSsl: OpenSsl): OpenSslError {
  const error = openSsl.ERR_peek_error();
  const reason = error === 0 ? null : openSsl.ERR_reason_error_string(error);
  openSsl.ERR_clear_error();
  return new OpenSslError(reason ?? 'unknown');
}
