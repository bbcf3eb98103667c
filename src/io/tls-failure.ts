// Why a handshake failed, in the words of a decision record.

import type { TlsFailure } from '../session/tls-layer.ts';

/**
 * The part of an error of OpenSSL that says which alert it was: `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`,
 * `ERR_SSL_SSL/TLS_ALERT_...`, and those of extensions (RFC 6066, 9) without the word:
 * `ERR_SSL_TLSV1_UNRECOGNIZED_NAME`.
 */
const ALERT = /^ERR_SSL_(?:TLSV1_(?:ALERT_)?|(?:SSLV3|TLSV13|SSL\/TLS)_ALERT_)([A-Z_]+)$/;
const MAX_MESSAGE = 200;

/** Names of errors of OpenSSL that have a reason code of their own. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_SSL_NO_SHARED_CIPHER: 'no-shared-cipher',
  ERR_SSL_NO_SHARED_GROUP: 'no-shared-cipher',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'no-shared-cipher',
  ERR_SSL_NO_SUITABLE_GROUPS: 'no-shared-cipher',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'no-shared-cipher',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'version-refused',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'version-refused',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'version-refused',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-tls',
  ERR_SSL_HTTP_REQUEST: 'not-tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-tls',
  ERR_SSL_EE_KEY_TOO_SMALL: 'weak-certificate',
  ERR_SSL_CA_KEY_TOO_SMALL: 'weak-certificate',
  ERR_SSL_CA_MD_TOO_WEAK: 'weak-certificate',
  ERR_SSL_DH_KEY_TOO_SMALL: 'weak-key-exchange',
};

/** Says why; `error` is what the socket said, undefined if it just closed. */
export function tlsFailure(side: 'client' | 'server', error: unknown): TlsFailure {
  const code = codeOf(error);
  if (code === undefined || code === 'ECONNRESET')
    return { reason: `tls.${side}-closed`, message: `The ${side} ended in the handshake of TLS` };
  const known = REASONS[code];
  if (known !== undefined)
    return { reason: `tls.${known}`, message: `No TLS with the ${side}: ${textOf(error, code)}` };
  const alert = ALERT.exec(code)?.[1]?.toLowerCase().replaceAll('_', ' ');
  if (alert !== undefined)
    return { reason: `tls.${side}-alert`, message: `The ${side} refuses the handshake: ${alert}` };
  return {
    reason: `tls.${side}-handshake`,
    message: `No TLS with the ${side}: ${textOf(error, code)}`,
  };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : 'ERROR';
}

/** What OpenSSL says about it, without numbers and names of its source files. */
function textOf(error: unknown, code: string): string {
  if (!(error instanceof Error)) return code;
  const reason =
    'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  return reason.replace(/[^ -~]+/g, ' ').slice(0, MAX_MESSAGE);
}
