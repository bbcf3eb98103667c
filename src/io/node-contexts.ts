// Contexts of OpenSSL as Node makes them, for its own sockets.

import { constants } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { ContextLibrary, ContextPlan } from './context-library.ts';
import type { Exchange } from './exchangeable-context.ts';

/** Contexts for sockets of Node. */
export const nodeContexts: ContextLibrary<SecureContext> = {
  make: (plan) =>
    createSecureContext({
      minVersion: plan.tls.minVersion,
      maxVersion: plan.tls.maxVersion,
      ciphers: plan.ciphers,
      ...(plan.tls.groups === undefined ? {} : { ecdhCurve: plan.tls.groups }),
      honorCipherOrder: true,
      sessionTimeout: Math.ceil(plan.tls.sessionLifetimeMs / 1000),
      sessionIdContext: plan.sessionIdContext,
      secureOptions: restrictionsOf(plan),
      ...ownPart(plan),
      ...trustPart(plan),
    }),

  exchangeOf(context): Exchange | undefined {
    // Node documents it as an object with its methods, and not which.
    const native: unknown = context.context;
    if (!isExchangeable(native)) return undefined;
    return (certificate, sessionIdContext) => {
      native.setCert(certificate);
      native.setSessionIdContext(sessionIdContext);
    };
  },
};

function restrictionsOf({ hasTickets }: ContextPlan): number {
  return constants.SSL_OP_NO_RENEGOTIATION | (hasTickets ? 0 : constants.SSL_OP_NO_TICKET);
}

function ownPart({ certificate: own }: ContextPlan): object {
  if (own === undefined) return {};
  const { certificate: cert, privateKey: key, passphrase } = own;
  return { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
}

function trustPart({ trust }: ContextPlan): object {
  if (trust === undefined) return {};
  const { authorities: ca, revocationLists: crl } = trust;
  return { ca, ...(crl.length === 0 ? {} : { crl }) };
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
