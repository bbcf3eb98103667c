// OpenSSL with every call counted: which functions a test has called, and what it has made and not freed.
import type { OpenSsl } from '../../src/io/openssl.ts';

type Name = Exclude<keyof OpenSsl, 'libc' | 'parameters' | 'callback'>;

/** The functions that make an object or take a part in one, and those that give some back. */
interface Ownership {
  readonly makes: readonly Name[];
  /** How many each call gives back. */
  readonly frees: Readonly<Partial<Record<Name, number>>>;
}

const OWNERS: Readonly<Record<string, Ownership>> = {
  contexts: { makes: ['SSL_CTX_new'], frees: { SSL_CTX_free: 1 } },
  connections: { makes: ['SSL_new'], frees: { SSL_free: 1 } },
  certificates: { makes: ['PEM_read_bio_X509'], frees: { X509_free: 1 } },
  lists: { makes: ['PEM_read_bio_X509_CRL'], frees: { X509_CRL_free: 1 } },
  keys: { makes: ['PEM_read_bio_PrivateKey'], frees: { EVP_PKEY_free: 1 } },
  sessions: { makes: ['d2i_SSL_SESSION'], frees: { SSL_SESSION_free: 1 } },
  // A connection has two, one for each way.
  bios: { makes: ['BIO_new', 'BIO_up_ref'], frees: { BIO_free: 1, SSL_free: 2 } },
};

/** Counts calls of foreign functions. */
export class CallCounter {
  /** What a test uses in place of OpenSSL. */
  readonly openSsl: OpenSsl;
  readonly #calls = new Map<string, number>();
  /** Calls that have returned something else than 0. */
  readonly #made = new Map<string, number>();

  constructor(openSsl: OpenSsl) {
    const wrapped = Object.entries(openSsl).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'function' && name !== 'callback'
        ? this.#counted(name, value as (...parameters: unknown[]) => unknown)
        : value,
    ]);
    this.openSsl = Object.fromEntries(wrapped) as OpenSsl; // every name is there
  }

  /** How often a function was called. */
  calls(name: Name): number {
    return this.#calls.get(name) ?? 0;
  }

  /** The functions that were never called. */
  get uncalled(): readonly string[] {
    const names = Object.keys(this.openSsl);
    const values = new Set(['libc', 'parameters', 'callback']);
    return names.filter((name) => !values.has(name) && !this.#calls.has(name));
  }

  /** Objects that were made here and not freed, by their kind; those of which there are none are left out. */
  get alive(): Readonly<Record<string, number>> {
    const counts = Object.entries(OWNERS).map(([kind, { makes, frees }]) => {
      const made = makes.reduce((sum, name) => sum + (this.#made.get(name) ?? 0), 0);
      const freed = Object.entries(frees).map(
        ([name, count]) => count * (this.#calls.get(name) ?? 0),
      );
      return [kind, freed.reduce((rest, count) => rest - count, made)] as const;
    });
    return Object.fromEntries(counts.filter(([, count]) => count !== 0));
  }

  #counted(
    name: string,
    call: (...parameters: unknown[]) => unknown,
  ): (...parameters: unknown[]) => unknown {
    return (...parameters) => {
      this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
      const result = call(...parameters);
      if (result !== 0) this.#made.set(name, (this.#made.get(name) ?? 0) + 1);
      return result;
    };
  }
}
