// Contexts of OpenSSL that we make ourselves, for connections of our own (openssl-connection.ts): what Node's own contexts have
// (node-contexts.ts), of the same plan.

import type { ContextLibrary, ContextPlan } from './context-library.ts';
import type { Exchange } from './exchangeable-context.ts';
import { takeError } from './openssl-error.ts';
import type { OpenSsl, OpenSslCallback } from './openssl.ts';
import { PemObjects } from './pem-objects.ts';
import * as constants from './openssl-constants.ts';

/**
 * A context. Connections keep what they need of it, so it may go before they do; it is freed when nobody refers to it.
 */
export class OpenSslContext {
  /** Where it is. Whoever takes it from here keeps this object for as long as it is used. */
  readonly pointer: number;
  /** What is agreed or offered by ALPN, as it is written on the wire (RFC 7301, 3.1). */
  readonly protocols: Uint8Array;

  constructor(pointer: number, protocols: Uint8Array) {
    this.pointer = pointer;
    this.protocols = protocols;
  }
}

/** Whom connections call in the middle of a call of theirs. */
export interface ContextCallbacks {
  /** Chooses of the protocols that a client offers. */
  readonly protocolAsked: OpenSslCallback;
  /** A server gives a session. */
  readonly sessionGiven: OpenSslCallback;
}

/** Makes contexts by the OpenSSL of this process. */
export class OpenSslContexts implements ContextLibrary<OpenSslContext> {
  readonly #openSsl: OpenSsl;
  readonly #pem: PemObjects;
  readonly #verified: OpenSslCallback;
  readonly #callbacks: ContextCallbacks;
  readonly #freeing: FinalizationRegistry<number>;

  constructor(openSsl: OpenSsl, callbacks: ContextCallbacks) {
    this.#openSsl = openSsl;
    this.#pem = new PemObjects(openSsl);
    this.#callbacks = callbacks;
    // The handshake goes on whatever is found: what it means is decided in verify-peer.ts.
    this.#verified = openSsl.callback('OpenSslVerified', () => 1);
    this.#freeing = new FinalizationRegistry((pointer) => openSsl.SSL_CTX_free(pointer));
  }

  make(plan: ContextPlan): OpenSslContext {
    const openSsl = this.#openSsl;
    openSsl.ERR_clear_error();
    const pointer = this.#must(openSsl.SSL_CTX_new(openSsl.TLS_method()));
    const context = new OpenSslContext(pointer, protocolList(plan.tls.applicationProtocols));
    this.#freeing.register(context, pointer);
    this.#setVersions(pointer, plan);
    this.#setCiphers(pointer, plan);
    this.#setSessions(pointer, plan);
    this.#setCertificate(pointer, plan);
    this.#setTrust(pointer, plan);
    this.#setProtocols(context);
    this.#control(pointer, constants.SSL_CTRL_MODE, constants.SSL_MODE_RELEASE_BUFFERS);
    return context;
  }

  exchangeOf({ pointer }: OpenSslContext): Exchange {
    return (certificate, sessionIdContext) => {
      this.#pem.certificates(firstOf(certificate), (made) =>
        this.#must(this.#openSsl.SSL_CTX_use_certificate(pointer, made)),
      );
      this.#setSessionIdContext(pointer, sessionIdContext);
    };
  }

  #setVersions(pointer: number, { tls }: ContextPlan): void {
    const { PROTOCOL_VERSIONS: versions } = constants;
    const [least, most] = [versions[tls.minVersion], versions[tls.maxVersion]];
    this.#must(this.#control(pointer, constants.SSL_CTRL_SET_MIN_PROTO_VERSION, least));
    this.#must(this.#control(pointer, constants.SSL_CTRL_SET_MAX_PROTO_VERSION, most));
  }

  /**
   * Those of TLS 1.3 are a list of their own, which stays as it is where none of them is named. Without the others no
   * older version is spoken.
   */
  #setCiphers(pointer: number, { ciphers, tls }: ContextPlan): void {
    const openSsl = this.#openSsl;
    const { PROTOCOL_VERSIONS: versions } = constants;
    const all = ciphers.split(':').filter((name) => name !== '');
    const ofOld = all.filter((name) => !name.startsWith('TLS_'));
    const ofNew = all.filter((name) => name.startsWith('TLS_'));
    if (ofNew.length > 0) this.#must(openSsl.SSL_CTX_set_ciphersuites(pointer, ofNew.join(':')));
    if (ofOld.length > 0) this.#must(openSsl.SSL_CTX_set_cipher_list(pointer, ofOld.join(':')));
    else
      this.#must(
        this.#control(pointer, constants.SSL_CTRL_SET_MIN_PROTO_VERSION, versions['TLSv1.3']),
      );
    if (tls.groups === undefined) return;
    const groups = this.#text(tls.groups);
    this.#must(this.#control(pointer, constants.SSL_CTRL_SET_GROUPS_LIST, 0, groups));
  }

  /** Sessions live in tickets, which whoever has them gives back: there is no cache of them. */
  #setSessions(pointer: number, { tls, hasTickets, sessionIdContext }: ContextPlan): void {
    const openSsl = this.#openSsl;
    const { SSL_OP_NO_RENEGOTIATION, SSL_OP_CIPHER_SERVER_PREFERENCE, SSL_OP_NO_TICKET } =
      constants;
    const always = SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE;
    openSsl.SSL_CTX_set_options(pointer, hasTickets ? always : always | SSL_OP_NO_TICKET);
    if (!hasTickets) this.#must(openSsl.SSL_CTX_set_num_tickets(pointer, 0));
    const keptByNobody =
      constants.SSL_SESS_CACHE_NO_INTERNAL_LOOKUP | constants.SSL_SESS_CACHE_NO_INTERNAL_STORE;
    const cache = constants.SSL_SESS_CACHE_CLIENT | keptByNobody;
    this.#control(pointer, constants.SSL_CTRL_SET_SESS_CACHE_MODE, cache);
    openSsl.SSL_CTX_sess_set_new_cb(pointer, this.#callbacks.sessionGiven);
    openSsl.SSL_CTX_set_timeout(pointer, Math.ceil(tls.sessionLifetimeMs / 1000));
    this.#setSessionIdContext(pointer, sessionIdContext);
  }

  #setSessionIdContext(pointer: number, text: string): void {
    const { length } = text; // ASCII
    this.#must(this.#openSsl.SSL_CTX_set_session_id_context(pointer, text, length));
  }

  #setCertificate(pointer: number, { certificate: own }: ContextPlan): void {
    if (own === undefined) return;
    const openSsl = this.#openSsl;
    let isFirst = true;
    this.#pem.certificates(own.certificate, (certificate) => {
      if (isFirst) this.#must(openSsl.SSL_CTX_use_certificate(pointer, certificate));
      else this.#must(this.#control(pointer, constants.SSL_CTRL_CHAIN_CERT, 1, certificate));
      isFirst = false;
    });
    this.#pem.privateKey(own.privateKey, own.passphrase, (key) =>
      this.#must(openSsl.SSL_CTX_use_PrivateKey(pointer, key)),
    );
    this.#must(openSsl.SSL_CTX_check_private_key(pointer));
  }

  #setTrust(pointer: number, { trust, asksClients }: ContextPlan): void {
    const openSsl = this.#openSsl;
    const { SSL_VERIFY_NONE, SSL_VERIFY_PEER } = constants;
    openSsl.SSL_CTX_set_verify(
      pointer,
      asksClients ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
      this.#verified,
    );
    if (trust === undefined) return;
    const store = openSsl.SSL_CTX_get_cert_store(pointer);
    for (const text of trust.authorities)
      this.#pem.certificates(text, (certificate) => {
        this.#must(openSsl.X509_STORE_add_cert(store, certificate));
        // Clients are told whose certificates are good.
        if (asksClients) this.#must(openSsl.SSL_CTX_add_client_CA(pointer, certificate));
      });
    for (const text of trust.revocationLists)
      this.#pem.revocationLists(text, (list) =>
        this.#must(openSsl.X509_STORE_add_crl(store, list)),
      );
    if (trust.revocationLists.length === 0) return;
    const { X509_V_FLAG_CRL_CHECK, X509_V_FLAG_CRL_CHECK_ALL } = constants;
    this.#must(
      openSsl.X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL),
    );
  }

  /** What is offered to servers; clients are answered by the callback, of what the connection has put there for it. */
  #setProtocols({ pointer, protocols }: OpenSslContext): void {
    if (protocols.length === 0) return;
    const openSsl = this.#openSsl;
    const { bytes, address } = openSsl.parameters;
    bytes.set(protocols);
    // It returns 0 for success, unlike everything else.
    if (openSsl.SSL_CTX_set_alpn_protos(pointer, address, protocols.length) !== 0)
      throw takeError(openSsl);
    openSsl.SSL_CTX_set_alpn_select_cb(pointer, this.#callbacks.protocolAsked, 0);
  }

  #control(pointer: number, command: number, number: number, argument = 0): number {
    return this.#openSsl.SSL_CTX_ctrl(pointer, command, number, argument);
  }

  /** The address of a text, with a NUL at its end. */
  #text(text: string): number {
    const { bytes, address } = this.#openSsl.parameters;
    bytes.set(Buffer.from(`${text}\0`, 'latin1'));
    return address;
  }

  #must(result: number): number {
    if (result <= 0) throw takeError(this.#openSsl);
    return result;
  }
}

function protocolList(names: readonly string[]): Uint8Array {
  return Buffer.concat(
    names.map((name) => {
      const bytes = Buffer.from(name);
      return Buffer.from([bytes.length, ...bytes]);
    }),
  );
}

const CERTIFICATE_END = '-----END CERTIFICATE-----';

/** The certificate that is shown, without the chain behind it. */
function firstOf(text: string): string {
  return text.slice(0, text.indexOf(CERTIFICATE_END) + CERTIFICATE_END.length);
}
