// The OpenSSL that the node binary has and exports, called through koffi: the one file that declares its functions.
// Where they are missing, or of another library, there is none, and one sentence says why; TLS is that of Node's
// sockets then.

import { createRequire } from 'node:module';
import type { GuardedMemory } from './guarded-memory.ts';
import { allocateGuarded } from './guarded-memory.ts';
import type { Libc, LibcReading } from './libc.ts';
import { loadLibc } from './libc.ts';

/**
 * Every foreign function by its C declaration; the manual page of that name says the rest. Pointers are `uint64`, as
 * numbers: what such a function has returned, addresses of guarded-memory.ts, or 0 for none. Texts that go in hold no
 * NUL; texts that come out are copies. Macros of OpenSSL are calls of `..._ctrl` with the numbers of
 * openssl-constants.ts.
 */
const SIGNATURES = {
  OpenSSL_version_num: 'uint64 OpenSSL_version_num()',
  // What failed
  ERR_clear_error: 'void ERR_clear_error()',
  ERR_peek_error: 'uint64 ERR_peek_error()',
  ERR_reason_error_string: 'str ERR_reason_error_string(uint64 error)',
  // Contexts
  TLS_method: 'uint64 TLS_method()',
  SSL_CTX_new: 'uint64 SSL_CTX_new(uint64 method)',
  SSL_CTX_free: 'void SSL_CTX_free(uint64 context)',
  SSL_CTX_ctrl: 'int64 SSL_CTX_ctrl(uint64 context, int command, int64 number, uint64 pointer)',
  SSL_CTX_set_options: 'uint64 SSL_CTX_set_options(uint64 context, uint64 options)',
  SSL_CTX_set_cipher_list: 'int SSL_CTX_set_cipher_list(uint64 context, str list)',
  SSL_CTX_set_ciphersuites: 'int SSL_CTX_set_ciphersuites(uint64 context, str list)',
  SSL_CTX_set_timeout: 'int64 SSL_CTX_set_timeout(uint64 context, int64 seconds)',
  SSL_CTX_set_num_tickets: 'int SSL_CTX_set_num_tickets(uint64 context, size_t number)',
  SSL_CTX_set_session_id_context:
    'int SSL_CTX_set_session_id_context(uint64 context, str identifier, uint32 length)',
  SSL_CTX_set_verify:
    'void SSL_CTX_set_verify(uint64 context, int mode, OpenSslVerified *verified)',
  SSL_CTX_sess_set_new_cb:
    'void SSL_CTX_sess_set_new_cb(uint64 context, OpenSslSessionGiven *given)',
  SSL_CTX_set_alpn_select_cb:
    'void SSL_CTX_set_alpn_select_cb(uint64 context, OpenSslProtocolAsked *asked, uint64 argument)',
  SSL_CTX_set_alpn_protos:
    'int SSL_CTX_set_alpn_protos(uint64 context, uint64 list, uint32 length)',
  SSL_CTX_use_certificate: 'int SSL_CTX_use_certificate(uint64 context, uint64 certificate)',
  SSL_CTX_use_PrivateKey: 'int SSL_CTX_use_PrivateKey(uint64 context, uint64 key)',
  SSL_CTX_check_private_key: 'int SSL_CTX_check_private_key(uint64 context)',
  SSL_CTX_get_cert_store: 'uint64 SSL_CTX_get_cert_store(uint64 context)',
  SSL_CTX_add_client_CA: 'int SSL_CTX_add_client_CA(uint64 context, uint64 certificate)',
  X509_STORE_add_cert: 'int X509_STORE_add_cert(uint64 store, uint64 certificate)',
  X509_STORE_add_crl: 'int X509_STORE_add_crl(uint64 store, uint64 list)',
  X509_STORE_set_flags: 'int X509_STORE_set_flags(uint64 store, uint64 flags)',
  // Certificates, lists and keys
  PEM_read_bio_X509:
    'uint64 PEM_read_bio_X509(uint64 bio, uint64 into, uint64 asked, str passphrase)',
  PEM_read_bio_X509_CRL:
    'uint64 PEM_read_bio_X509_CRL(uint64 bio, uint64 into, uint64 asked, str passphrase)',
  PEM_read_bio_PrivateKey:
    'uint64 PEM_read_bio_PrivateKey(uint64 bio, uint64 into, uint64 asked, str passphrase)',
  i2d_X509: 'int i2d_X509(uint64 certificate, uint64 to)',
  X509_free: 'void X509_free(uint64 certificate)',
  X509_CRL_free: 'void X509_CRL_free(uint64 list)',
  EVP_PKEY_free: 'void EVP_PKEY_free(uint64 key)',
  OPENSSL_sk_num: 'int OPENSSL_sk_num(uint64 stack)',
  OPENSSL_sk_value: 'uint64 OPENSSL_sk_value(uint64 stack, int index)',
  X509_verify_cert_error_string: 'str X509_verify_cert_error_string(int64 result)',
  // Memory that is written and read as a connection is
  BIO_new: 'uint64 BIO_new(uint64 method)',
  BIO_s_mem: 'uint64 BIO_s_mem()',
  BIO_up_ref: 'int BIO_up_ref(uint64 bio)',
  BIO_free: 'int BIO_free(uint64 bio)',
  BIO_read: 'int BIO_read(uint64 bio, uint64 into, int length)',
  BIO_write: 'int BIO_write(uint64 bio, uint64 bytes, int length)',
  BIO_ctrl: 'int64 BIO_ctrl(uint64 bio, int command, int64 number, uint64 pointer)',
  // Connections
  SSL_new: 'uint64 SSL_new(uint64 context)',
  SSL_free: 'void SSL_free(uint64 ssl)',
  SSL_ctrl: 'int64 SSL_ctrl(uint64 ssl, int command, int64 number, uint64 pointer)',
  SSL_set0_rbio: 'void SSL_set0_rbio(uint64 ssl, uint64 bio)',
  SSL_set0_wbio: 'void SSL_set0_wbio(uint64 ssl, uint64 bio)',
  SSL_set_accept_state: 'void SSL_set_accept_state(uint64 ssl)',
  SSL_set_connect_state: 'void SSL_set_connect_state(uint64 ssl)',
  SSL_do_handshake: 'int SSL_do_handshake(uint64 ssl)',
  SSL_read: 'int SSL_read(uint64 ssl, uint64 into, int length)',
  SSL_has_pending: 'int SSL_has_pending(uint64 ssl)',
  SSL_rstate_string: 'str SSL_rstate_string(uint64 ssl)',
  SSL_write: 'int SSL_write(uint64 ssl, uint64 bytes, int length)',
  SSL_shutdown: 'int SSL_shutdown(uint64 ssl)',
  SSL_get_error: 'int SSL_get_error(uint64 ssl, int result)',
  SSL_get_version: 'str SSL_get_version(uint64 ssl)',
  SSL_get_current_cipher: 'uint64 SSL_get_current_cipher(uint64 ssl)',
  SSL_CIPHER_get_name: 'str SSL_CIPHER_get_name(uint64 cipher)',
  SSL_get_servername: 'str SSL_get_servername(uint64 ssl, int type)',
  SSL_get0_alpn_selected: 'void SSL_get0_alpn_selected(uint64 ssl, uint64 data, uint64 length)',
  SSL_select_next_proto:
    'int SSL_select_next_proto(uint64 out, uint64 outLength, uint64 ours, uint32 length, uint64 theirs, uint32 theirLength)',
  SSL_session_reused: 'int SSL_session_reused(uint64 ssl)',
  SSL_get_verify_result: 'int64 SSL_get_verify_result(uint64 ssl)',
  SSL_get0_peer_certificate: 'uint64 SSL_get0_peer_certificate(uint64 ssl)',
  SSL_get0_verified_chain: 'uint64 SSL_get0_verified_chain(uint64 ssl)',
  SSL_set_session: 'int SSL_set_session(uint64 ssl, uint64 session)',
  SSL_SESSION_free: 'void SSL_SESSION_free(uint64 session)',
  i2d_SSL_SESSION: 'int i2d_SSL_SESSION(uint64 session, uint64 to)',
  d2i_SSL_SESSION: 'uint64 d2i_SSL_SESSION(uint64 into, uint64 from, int64 length)',
} as const;

/** What OpenSSL calls back, from within a handshake and on this thread: pointers come as `uint64` here too. */
const CALLBACKS = {
  OpenSslVerified: 'int OpenSslVerified(int isGood, uint64 chain)',
  OpenSslSessionGiven: 'int OpenSslSessionGiven(uint64 ssl, uint64 session)',
  OpenSslProtocolAsked:
    'int OpenSslProtocolAsked(uint64 ssl, uint64 out, uint64 outLength, uint64 theirs, uint32 theirLength, uint64 argument)',
} as const;

type Text = string | null;
type Parameter = number | bigint | Text;

/** Functions that return a text, or null for none. */
type TextFunction =
  | 'ERR_reason_error_string'
  | 'X509_verify_cert_error_string'
  | 'SSL_get_version'
  | 'SSL_CIPHER_get_name'
  | 'SSL_get_servername'
  | 'SSL_rstate_string';

/** The foreign functions: numbers and texts in, a number or a text out. */
type ForeignFunctions = {
  readonly [Name in keyof typeof SIGNATURES]: (
    ...parameters: Parameter[]
  ) => Name extends TextFunction ? Text : number;
};

/** Registered callbacks, as pointers to functions. */
export type OpenSslCallback = bigint;

/** OpenSSL. */
export interface OpenSsl extends ForeignFunctions {
  readonly libc: Libc;
  /** For texts and pointers that go in or come out of one call: valid until the next one. */
  readonly parameters: GuardedMemory;
  /** A function of ours as OpenSSL calls it, for the life of the process. It must not throw. */
  callback(
    name: keyof typeof CALLBACKS,
    call: (...parameters: number[]) => number,
  ): OpenSslCallback;
}

/** OpenSSL, or why there is none: a sentence for the log. */
export type OpenSslReading =
  | { readonly openSsl: OpenSsl; readonly missing?: never }
  | { readonly openSsl?: never; readonly missing: string };

/** What is used of koffi; its own types say `any`. */
interface Koffi {
  load(path: null): { func(signature: string): (...parameters: Parameter[]) => never };
  proto(signature: string): unknown;
  pointer(type: unknown): unknown;
  register(call: (...parameters: number[]) => number, type: unknown): bigint;
}

// The functions and structures are the same in all of OpenSSL 3; another major version may have them otherwise.
const MAJOR_VERSION = 3;
// A certificate or a staple has 100 KiB at most (SSL_CTX_set_max_cert_list(3)).
const PARAMETER_BYTES = 131_072;

let loaded: OpenSslReading | undefined;

/** The OpenSSL of this process, declared at the first call. */
export function loadOpenSsl(): OpenSslReading {
  loaded ??= readOpenSsl(loadLibc(), () => createRequire(import.meta.url)('koffi') as unknown);
  return loaded;
}

/** Declares the functions, or says what is missing. Never throws. */
export function readOpenSsl(
  { libc, missing }: LibcReading,
  loadKoffi: () => unknown,
): OpenSslReading {
  if (libc === undefined) return { missing };
  try {
    const openSsl = declare(libc, loadKoffi() as Koffi);
    const version = openSsl.OpenSSL_version_num();
    if (version >>> 28 === MAJOR_VERSION) return { openSsl };
    return { missing: `This node has another library than OpenSSL ${MAJOR_VERSION}` };
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1).join() : String(error);
    return { missing: `This node does not export its OpenSSL: ${why}` };
  }
}

function declare(libc: Libc, koffi: Koffi): OpenSsl {
  const types = new Map(
    Object.entries(CALLBACKS).map(([name, signature]) => [
      name,
      koffi.pointer(koffi.proto(signature)),
    ]),
  );
  const library = koffi.load(null); // the process itself
  const functions = Object.fromEntries(
    Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature)]),
  ) as unknown as ForeignFunctions; // fromEntries forgets the names, which are those of SIGNATURES
  return {
    ...functions,
    libc,
    parameters: allocateGuarded(libc, PARAMETER_BYTES),
    callback: (name, call) => koffi.register(call, types.get(name)),
  };
}
