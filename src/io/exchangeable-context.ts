// A context of OpenSSL whose certificate is exchanged: making a context takes five times as long as that, and 30 KiB.

import { createHash } from 'node:crypto';

/**
 * Has another certificate, in PEM, shown by a context, and resumes only sessions of this identifier.
 * @throws Error for one that cannot be read.
 */
export type Exchange = (certificate: string, sessionIdContext: string) => void;

/**
 * One context for many certificates with the same key and the same chain behind them. A connection has the certificate that
 * was shown last before it was made, and resumes sessions of no other: a client that resumes one sees no certificate.
 */
export class ExchangeableContext<Context> {
  readonly context: Context;
  /** PEM. Empty: nobody knows. */
  #certificate = '';
  readonly #exchange: Exchange;

  constructor(context: Context, exchange: Exchange) {
    this.context = context;
    this.#exchange = exchange;
  }

  /** From now on this certificate is shown. @throws Error for one that cannot be read. */
  show(certificate: string): void {
    if (certificate === this.#certificate) return;
    this.#certificate = ''; // should it fail halfway
    this.#exchange(certificate, digestOf(certificate));
    this.#certificate = certificate;
  }
}

/** OpenSSL takes at most 32 bytes. */
function digestOf(certificate: string): string {
  return createHash('sha256').update(certificate).digest('base64url').slice(0, 32);
}
