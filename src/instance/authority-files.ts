// The authorities of an administrator as files of one folder: those that certificates made on the fly are signed by.

import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { makeAuthority } from '../keybridge/authority.ts';

/** Where authorities are unless somebody says otherwise. */
export const DEFAULT_AUTHORITY_FOLDER = '/etc/zorp/ca';

/** The two: for servers that are trusted, which clients trust, and for others, which they must not. */
export const AUTHORITY_KINDS = ['trusted', 'untrusted'] as const;

/** Which of the two. */
export type AuthorityKind = (typeof AUTHORITY_KINDS)[number];

/** The files of one authority. */
export interface AuthorityPaths {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What is told of an authority. */
export interface AuthorityFacts extends AuthorityPaths {
  readonly kind: AuthorityKind;
  readonly subject: string;
  /** SHA-256, hexadecimal with colons. */
  readonly fingerprint: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** Something about the files of an authority that the administrator can mend; the message has the cure. */
export class AuthorityFilesError extends Error {
  override readonly name = 'AuthorityFilesError';
}

/** Where the files of an authority are. */
export function authorityPaths(folder: string, kind: AuthorityKind): AuthorityPaths {
  return {
    certificate: join(folder, `${kind}.pem`),
    privateKey: join(folder, `${kind}.key`),
  };
}

/** What to make. */
export interface AuthoritiesWish {
  readonly folder: string;
  /** The name that people see where they trust it, such as "Example Ltd". */
  readonly name: string;
  /** A file whose first line encrypts the keys. */
  readonly passphraseFile?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Makes both authorities; nothing that is there is overwritten. @throws AuthorityFilesError */
export function initAuthorities(wish: AuthoritiesWish): readonly AuthorityFacts[] {
  const { folder, name, passphraseFile, now } = wish;
  const passphrase = passphraseFile === undefined ? undefined : readPassphrase(passphraseFile);
  const written: string[] = [];
  try {
    makeFolder(resolve(folder));
    for (const kind of AUTHORITY_KINDS) {
      const full = kind === 'trusted' ? `${name} CA` : `${name} CA for UNTRUSTED servers`;
      const made = makeAuthority({ name: full, passphrase, now });
      const { certificate, privateKey } = authorityPaths(folder, kind);
      writeNew(privateKey, made.privateKey, 0o600);
      written.push(privateKey);
      writeNew(certificate, made.certificate, 0o644);
      written.push(certificate);
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error instanceof AuthorityFilesError ? error : failure(`write to ${folder}`, error);
  }
  return showAuthorities(folder);
}

/** What the authorities of a folder are. @throws AuthorityFilesError */
export function showAuthorities(folder: string): readonly AuthorityFacts[] {
  return AUTHORITY_KINDS.map((kind) => {
    const paths = authorityPaths(folder, kind);
    const certificate = readAuthorityCertificate(folder, kind);
    const { fingerprint256: fingerprint, validFromDate, validToDate } = certificate;
    const subject = certificate.subject.split('\n').reverse().join(', ');
    return { kind, ...paths, subject, fingerprint, validFrom: validFromDate, validTo: validToDate };
  });
}

/** The certificate of an authority, for clients. @throws AuthorityFilesError */
export function readAuthorityCertificate(folder: string, kind: AuthorityKind): X509Certificate {
  const { certificate } = authorityPaths(folder, kind);
  try {
    return new X509Certificate(readFileSync(certificate));
  } catch (error) {
    throw failure(`read ${certificate}`, error, '"zorp ca init" makes it');
  }
}

/** Writes a file. One that is there already is replaced only if it has a certificate, and no key. @throws AuthorityFilesError */
export function writeExport(path: string, contents: string | Uint8Array): void {
  try {
    writeFileSync(path, contents, { flag: 'wx' });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw failure(`write ${path}`, error);
    replaceExport(path, contents);
  }
}

function replaceExport(path: string, contents: string | Uint8Array): void {
  try {
    // What is no file, such as a terminal or a pipe, has nothing to lose.
    if (statSync(path).isFile() && !isExport(readFileSync(path)))
      throw new AuthorityFilesError(
        `${path} is there already, and is no certificate: give another --out, or remove it first`,
      );
    writeFileSync(path, contents);
  } catch (error) {
    throw error instanceof AuthorityFilesError ? error : failure(`write ${path}`, error);
  }
}

function isExport(contents: Buffer): boolean {
  if (contents.includes('PRIVATE KEY')) return false;
  try {
    return new X509Certificate(contents).raw.length > 0;
  } catch {
    return false;
  }
}

/** Makes a folder, and those above it. Node's own way never comes back where there is no making any, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  mkdirSync(path, { mode: 0o700 });
}

function readPassphrase(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw failure(`read ${file}`, error);
  }
  const [passphrase = ''] = text.split(/\r?\n/, 1);
  if (passphrase === '')
    throw new AuthorityFilesError(`The first line of ${file} is empty: write the passphrase there`);
  return passphrase;
}

function writeNew(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    throw new AuthorityFilesError(
      `${path} is there already: clients may trust it; give another --dir, or remove it first`,
    );
  }
}

function failure(what: string, error: unknown, cure?: string): AuthorityFilesError {
  const told = error instanceof Error ? error.message : String(error);
  const why = told.replace(/, \w+ '.*'$/s, ''); // Node says the path again
  return new AuthorityFilesError(`Cannot ${what}: ${why}${cure === undefined ? '' : `; ${cure}`}`);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
