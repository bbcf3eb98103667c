// Numbers of OpenSSL's macros, which are part of its binary interface: openssl/ssl.h, tls1.h, bio.h, x509_vfy.h of OpenSSL 3.

/** Results of `SSL_get_error`. */
export const SSL_ERROR_WANT_READ = 2;
export const SSL_ERROR_ZERO_RETURN = 6;

/** Commands of `SSL_CTX_ctrl` and `SSL_ctrl`. */
export const SSL_CTRL_MODE = 33;
export const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
export const SSL_CTRL_SET_TLSEXT_HOSTNAME = 55;
export const SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE = 65;
export const SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP = 70;
export const SSL_CTRL_CHAIN_CERT = 89;
export const SSL_CTRL_SET_GROUPS_LIST = 92;
export const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
export const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;

export const TLSEXT_NAMETYPE_host_name = 0;
export const TLSEXT_STATUSTYPE_ocsp = 1;

/** Frees the buffers of a connection that has nothing in them. */
export const SSL_MODE_RELEASE_BUFFERS = 0x10;
/** Sessions that servers give are told of, and kept by nobody. */
export const SSL_SESS_CACHE_CLIENT = 0x1;
export const SSL_SESS_CACHE_NO_INTERNAL_LOOKUP = 0x100;
export const SSL_SESS_CACHE_NO_INTERNAL_STORE = 0x200;

/** Bits of `SSL_CTX_set_options`. */
export const SSL_OP_NO_TICKET = 0x4000;
export const SSL_OP_CIPHER_SERVER_PREFERENCE = 0x0040_0000;
export const SSL_OP_NO_RENEGOTIATION = 0x4000_0000;

export const SSL_VERIFY_NONE = 0;
export const SSL_VERIFY_PEER = 1;

/** `SSL_select_next_proto`: there is one that both have. */
export const OPENSSL_NPN_NEGOTIATED = 1;
export const SSL_TLSEXT_ERR_OK = 0;
export const SSL_TLSEXT_ERR_ALERT_FATAL = 2;

/** Versions of the protocol as it writes them. */
export const PROTOCOL_VERSIONS = {
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
} as const;

/** Commands of `BIO_ctrl`. */
export const BIO_CTRL_RESET = 1;
export const BIO_CTRL_PENDING = 10;

/** Bits of `X509_STORE_set_flags`. */
export const X509_V_FLAG_CRL_CHECK = 0x4;
export const X509_V_FLAG_CRL_CHECK_ALL = 0x8;
