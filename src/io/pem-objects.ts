// Certificates, lists and keys in PEM as objects of OpenSSL.

import { BIO_CTRL_RESET } from './openssl-constants.ts';
import { takeError } from './openssl-error.ts';
import type { OpenSsl } from './openssl.ts';

/** Reads text in PEM. Objects are handed on for one call, and freed behind it: whoever keeps one takes a part in it. */
export class PemObjects {
  readonly #openSsl: OpenSsl;
  readonly #bio: number;

  constructor(openSsl: OpenSsl) {
    this.#openSsl = openSsl;
    this.#bio = openSsl.BIO_new(openSsl.BIO_s_mem());
    if (this.#bio === 0) throw takeError(openSsl);
  }

  /**
   * Hands on each certificate, which is freed afterwards.
   * @throws OpenSslError where there is none, or one that cannot be read.
   */
  certificates(text: string, each: (certificate: number) => void): void {
    const { PEM_read_bio_X509: read, X509_free: free } = this.#openSsl;
    this.#each(text, read, free, each);
  }

  /**
   * Hands on each revocation list, which is freed afterwards.
   * @throws OpenSslError where there is none, or one that cannot be read.
   */
  revocationLists(text: string, each: (list: number) => void): void {
    const { PEM_read_bio_X509_CRL: read, X509_CRL_free: free } = this.#openSsl;
    this.#each(text, read, free, each);
  }

  /** Hands on a private key, which is freed afterwards. @throws OpenSslError for none, or another passphrase. */
  privateKey(text: string, passphrase: string | undefined, use: (key: number) => void): void {
    this.#put(text);
    const { PEM_read_bio_PrivateKey: read, EVP_PKEY_free: free } = this.#openSsl;
    const key = read(this.#bio, 0, 0, passphrase ?? NO_PASSPHRASE);
    this.#clear(); // what is left there is the key
    if (key === 0) throw takeError(this.#openSsl);
    try {
      use(key);
    } finally {
      free(key);
    }
  }

  #each(
    text: string,
    read: (bio: number, into: number, asked: number, passphrase: string) => number,
    free: (object: number) => unknown,
    each: (object: number) => void,
  ): void {
    this.#put(text);
    let count = 0;
    for (;;) {
      const object = read(this.#bio, 0, 0, NO_PASSPHRASE);
      if (object === 0) break;
      count += 1;
      try {
        each(object);
      } finally {
        free(object);
      }
    }
    const error = takeError(this.#openSsl);
    if (count === 0 || error.reason !== NOTHING_MORE) throw error;
  }

  #put(text: string): void {
    const { bytes, address } = this.#openSsl.parameters;
    this.#openSsl.ERR_clear_error();
    this.#clear();
    const all = Buffer.from(text);
    for (let at = 0; at < all.length; at += bytes.length) {
      const piece = all.subarray(at, at + bytes.length);
      bytes.set(piece);
      const written = this.#openSsl.BIO_write(this.#bio, address, piece.length);
      bytes.fill(0, 0, piece.length); // it may be a key
      if (written !== piece.length) throw takeError(this.#openSsl);
    }
  }

  /** Has OpenSSL write zeros over what was put there. */
  #clear(): void {
    this.#openSsl.BIO_ctrl(this.#bio, BIO_CTRL_RESET, 0, 0);
  }
}

/** Without any OpenSSL would ask for one at the terminal. */
const NO_PASSPHRASE = '';
/** What OpenSSL says at the end of a text. Anything else is about an object that cannot be read. */
const NOTHING_MORE = 'no start line';
