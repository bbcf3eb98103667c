// Files in PEM form that an encryption policy is made of: they are read anew when they change.

import type { FolderFile, LiveFault, LiveFile, LiveFolder } from '../proxy/live-input.ts';

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
  /** How such files are named in a folder. Without it, no folder can stand for them. */
  readonly inFolder?: { readonly names: RegExp; readonly cure: string };
}

const ANY_BLOCK = /^-----BEGIN [A-Z0-9 ]+-----\r?$/m;

const BLOCKS = {
  certificate: {
    noun: 'certificate file',
    pattern: /^-----BEGIN CERTIFICATE-----\r?$/m,
    name: 'certificate',
    cure: 'give a PEM file with -----BEGIN CERTIFICATE-----',
    inFolder: {
      names: /^[^.].*\.(?:pem|crt|cer)$|^[0-9a-f]{8}\.\d+$/i, // what people call them, and the hashes of `openssl rehash`
      cure: 'put PEM files there that end in .pem, .crt or .cer, or name another folder',
    },
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
    inFolder: {
      names: /^[^.].*\.(?:pem|crl)$|^[0-9a-f]{8}\.r\d+$/i,
      cure: 'put PEM files there that end in .pem or .crl, or name another folder',
    },
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

/** A file as it was read last, or a folder in its place. */
export class PemFile {
  /** Another number whenever the file was read. */
  version = 0;
  readonly path: string;
  readonly #block: PemBlock;
  readonly #mayBeFolder: boolean;
  #files: readonly FolderFile[] | undefined;

  /** `mayBe`: whether a folder may stand for all such files in it. */
  constructor(path: string, content: PemContent, mayBe: 'file' | 'file-or-folder' = 'file') {
    this.path = path;
    this.#block = BLOCKS[content];
    this.#mayBeFolder = mayBe === 'file-or-folder';
  }

  /** What reads it, for `registerLiveInput`. */
  get input(): LiveFile {
    const read = (text: string): ReturnType<LiveFile['read']> => this.#read(text);
    const forget = (): void => {
      this.#files = undefined;
    };
    const { noun } = this.#block;
    const file: LiveFile = { kind: 'live-file', path: this.path, read, forget, noun };
    const { inFolder } = this.#block;
    if (!this.#mayBeFolder || inFolder === undefined) return file;
    const { names, cure } = inFolder;
    return { ...file, folder: { names, read: (files) => this.#readFolder(files, cure) } };
  }

  /** What is in it, or in all files of the folder. @throws Error until it was read. */
  text(): string {
    return this.files()
      .map(({ text }) => text)
      .join('\n');
  }

  /** The same file by file. @throws Error until it was read. */
  files(): readonly FolderFile[] {
    if (this.#files === undefined) throw new Error(`the file ${this.path} was not read`);
    return this.#files;
  }

  *#read(text: string): ReturnType<LiveFile['read']> {
    yield undefined;
    if (!this.#block.pattern.test(text)) return [this.#lacking(this.path)];
    return this.#take([{ path: this.path, text }]);
  }

  /** Files with something else in PEM form are for others: a folder of OpenSSL has certificates and revocation lists. */
  *#readFolder(files: readonly FolderFile[], cure: string): ReturnType<LiveFolder['read']> {
    const { pattern } = this.#block;
    const taken = new Map<string, FolderFile>();
    const faults: LiveFault[] = [];
    for (const file of files) {
      yield undefined;
      // By its text: a hash is a link to a file that has a name as well.
      if (pattern.test(file.text)) taken.set(file.text, file);
      else if (!ANY_BLOCK.test(file.text)) faults.push(this.#lacking(file.path));
    }
    if (faults.length > 0) return faults;
    if (taken.size === 0) return [{ ...this.#lacking(this.path), cure }];
    return this.#take([...taken.values()]);
  }

  #take(files: readonly FolderFile[]): readonly LiveFault[] {
    this.#files = files;
    this.version++;
    return [];
  }

  #lacking(path: string): LiveFault {
    const { name, cure } = this.#block;
    return { line: undefined, value: `${path} has no ${name}`, cure };
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
