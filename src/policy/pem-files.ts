// Files in PEM form that an encryption policy is made of: they are read anew when they change.

import type { LiveFile } from '../proxy/live-input.ts';

/** A certificate with its key, as PEM. */
export interface CertificateText {
  readonly certificate: string;
  readonly privateKey: string;
  readonly passphrase: string | undefined;
}

/** Where the parts of a certificate are. */
export interface CertificatePaths {
  readonly certificate: string;
  readonly privateKey: string;
  readonly passphraseFile?: string | undefined;
}

interface PemBlock {
  /** What the file is to people. */
  readonly noun: string;
  readonly pattern: RegExp;
  readonly name: string;
  readonly cure: string;
}

const BLOCKS = {
  certificate: {
    noun: 'certificate file',
    pattern: /^-----BEGIN CERTIFICATE-----\r?$/m,
    name: 'certificate',
    cure: 'give a PEM file with -----BEGIN CERTIFICATE-----',
  },
  'private-key': {
    noun: 'key file',
    pattern: /^-----BEGIN (?:EC |RSA |ENCRYPTED )?PRIVATE KEY-----\r?$/m,
    name: 'private key',
    cure: 'give a PEM file with -----BEGIN PRIVATE KEY-----',
  },
  'revocation-list': {
    noun: 'revocation list',
    pattern: /^-----BEGIN X509 CRL-----\r?$/m,
    name: 'certificate revocation list',
    cure: 'give a PEM file with -----BEGIN X509 CRL-----',
  },
  text: {
    noun: 'passphrase file',
    pattern: /[^]/,
    name: 'text',
    cure: 'give a file that is not empty',
  },
} satisfies Readonly<Record<string, PemBlock>>;

/** What a file must have in it. */
export type PemContent = keyof typeof BLOCKS;

/** A file as it was read last. */
export class PemFile {
  /** Another number whenever the file was read. */
  version = 0;
  readonly path: string;
  readonly #block: PemBlock;
  #text: string | undefined;

  constructor(path: string, content: PemContent) {
    this.path = path;
    this.#block = BLOCKS[content];
  }

  /** What reads it, for `registerLiveInput`. */
  get input(): LiveFile {
    const read = (text: string): ReturnType<LiveFile['read']> => this.#read(text);
    return { kind: 'live-file', path: this.path, read, noun: this.#block.noun };
  }

  /** @throws Error until it was read. */
  text(): string {
    if (this.#text === undefined) throw new Error(`the file ${this.path} was not read`);
    return this.#text;
  }

  *#read(text: string): ReturnType<LiveFile['read']> {
    yield undefined;
    const { pattern, name, cure } = this.#block;
    if (!pattern.test(text))
      return [{ line: undefined, value: `${this.path} has no ${name}`, cure }];
    this.#text = text;
    this.version++;
    return [];
  }
}

/** The files of a certificate. */
export class CertificateFiles {
  readonly files: readonly PemFile[];
  readonly #certificate: PemFile;
  readonly #privateKey: PemFile;
  readonly #passphrase: PemFile | undefined;

  constructor({ certificate, privateKey, passphraseFile }: CertificatePaths) {
    this.#certificate = new PemFile(certificate, 'certificate');
    this.#privateKey = new PemFile(privateKey, 'private-key');
    this.#passphrase =
      passphraseFile === undefined ? undefined : new PemFile(passphraseFile, 'text');
    const all = [this.#certificate, this.#privateKey, this.#passphrase];
    this.files = all.filter((file) => file !== undefined);
  }

  /** Another number whenever one of them was read. */
  get version(): number {
    return this.files.reduce((sum, { version }) => sum + version, 0);
  }

  /** What is in them. @throws Error until they were read. */
  text(): CertificateText {
    return {
      certificate: this.#certificate.text(),
      privateKey: this.#privateKey.text(),
      passphrase: this.#passphrase?.text().split(/\r?\n/, 1)[0],
    };
  }
}
