// A context of OpenSSL whose certificate is exchanged: making a context takes five times as long as that, and 30 KiB.

import { createHash } from 'node:crypto';
import type { SecureContext } from 'node:tls';

/**
 * One context for many certificates with the same key and the same chain behind them. A connection has the certificate that
 * was shown last before its socket was made, and resumes sessions of no other: a client that resumes one sees no certificate.
 */
export class ExchangeableContext {
  readonly context: SecureContext;
  /** PEM. */
  #certificate: string;
  readonly #native: Exchangeable;

  constructor(context: SecureContext, certificate: string, native: Exchangeable) {
    this.context = context;
    this.#certificate = certificate;
    this.#native = native;
    native.setSessionIdContext(digestOf(certificate));
  }

  /** From now on this certificate is shown. @throws Error for one that cannot be read. */
  show(certificate: string): void {
    if (certificate === this.#certificate) return;
    this.#certificate = ''; // should it fail halfway
    this.#native.setCert(certificate);
    this.#native.setSessionIdContext(digestOf(certificate));
    this.#certificate = certificate;
  }
}

/** Makes a context exchangeable that was made with this certificate; undefined where this Node has no way to. */
export function exchangeable(
  context: SecureContext,
  certificate: string,
): ExchangeableContext | undefined {
  // Node documents it as an object with its methods, and not which.
  const native: unknown = context.context;
  return isExchangeable(native) ? new ExchangeableContext(context, certificate, native) : undefined;
}

/** OpenSSL takes at most 32 bytes. */
function digestOf(certificate: string): string {
  return createHash('sha256').update(certificate).digest('base64url').slice(0, 32);
}

interface Exchangeable {
  setCert(certificate: string): void;
  setSessionIdContext(context: string): void;
}

function isExchangeable(native: unknown): native is Exchangeable {
  return (
    typeof native === 'object' &&
    native !== null &&
    'setCert' in native &&
    typeof native.setCert === 'function' &&
    'setSessionIdContext' in native &&
    typeof native.setSessionIdContext === 'function'
  );
}
