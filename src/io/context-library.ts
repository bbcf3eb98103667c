// What contexts of OpenSSL are made of, and who makes them: Node, or we ourselves.

import type { CheckedTlsOptions } from '../session/tls-layer.ts';
import type { Exchange } from './exchangeable-context.ts';

/** Everything that the context of a side is made of. Texts are PEM. */
export interface ContextPlan {
  readonly tls: CheckedTlsOptions;
  /** Cipher suites of TLS 1.2 and older, and of 1.3, as OpenSSL writes them, separated by `:`. */
  readonly ciphers: string;
  /** At most 32 characters. Sessions of another context are not resumed. */
  readonly sessionIdContext: string;
  /** Whether sessions may be resumed by tickets: those that clients are given, or that servers give us. */
  readonly hasTickets: boolean;
  /** Whether clients are asked for a certificate. */
  readonly asksClients: boolean;
  /** What the peer is shown, its chain behind it; undefined: nothing. */
  readonly certificate:
    | {
        readonly certificate: string;
        readonly privateKey: string;
        readonly passphrase: string | undefined;
      }
    | undefined;
  /** Undefined: no peer is trusted. */
  readonly trust:
    | { readonly authorities: readonly string[]; readonly revocationLists: readonly string[] }
    | undefined;
}

/** Makes contexts. */
export interface ContextLibrary<Context> {
  /** @throws Error for files that do not fit. */
  make(plan: ContextPlan): Context;
  /** Undefined: the certificate of a context cannot be exchanged here. */
  exchangeOf(context: Context): Exchange | undefined;
}
