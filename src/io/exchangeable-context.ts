// A context of OpenSSL whose certificate is exchanged: making a context takes five times as long as that, and 30 KiB.

import type { SecureContext } from 'node:tls';

/**
 * One context for many certificates with the same key and the same chain behind them. A connection has the certificate that
 * was shown last before its socket was made.
 */
export class ExchangeableContext {
  readonly context: SecureContext;
  /** PEM. */
  #certificate: string;
  readonly #setCertificate: SetCertificate;

  constructor(context: SecureContext, certificate: string, set: SetCertificate) {
    this.context = context;
    this.#certificate = certificate;
    this.#setCertificate = set;
  }

  /** From now on this certificate is shown. @throws Error for one that cannot be read. */
  show(certificate: string): void {
    if (certificate === this.#certificate) return;
    this.#setCertificate(certificate);
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
  if (!hasSetCertificate(native)) return undefined;
  return new ExchangeableContext(context, certificate, (text) => native.setCert(text));
}

type SetCertificate = (certificate: string) => void;

function hasSetCertificate(native: unknown): native is { readonly setCert: SetCertificate } {
  return (
    typeof native === 'object' &&
    native !== null &&
    'setCert' in native &&
    typeof native.setCert === 'function'
  );
}
