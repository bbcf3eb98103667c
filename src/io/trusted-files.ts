// The certificates and lists that a verifier is given, one by one: OpenSSL takes the first list of a text and no other, and
// leaves out without a word the certificates that it cannot read.

import { X509Certificate } from 'node:crypto';
import type { PemFile } from '../session/tls-layer.ts';

const CERTIFICATE_BEGIN = /^(?=-----BEGIN CERTIFICATE-----)/m;
const LIST_BEGIN = /^(?=-----BEGIN X509 CRL-----)/m;

/** All certificates of such files, each as PEM. @throws Error naming the file of one that cannot be read. */
export function certificatesOfFiles(files: readonly PemFile[]): string[] {
  return blocksOf(files, CERTIFICATE_BEGIN, (pem, path) => {
    try {
      new X509Certificate(pem);
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      throw Object.assign(new Error(`${path}: ${told}`), { code: 'ERR_BAD_PEM' });
    }
  });
}

/** All revocation lists of such files, each as PEM. Whether they can be read, OpenSSL says when it is given them. */
export function revocationListsOfFiles(files: readonly PemFile[]): string[] {
  return blocksOf(files, LIST_BEGIN, () => undefined);
}

function blocksOf(
  files: readonly PemFile[],
  begin: RegExp,
  check: (pem: string, path: string) => void,
): string[] {
  const blocks: string[] = [];
  for (const { path, text } of files.flatMap((file) => file.files()))
    for (const pem of text.split(begin)) {
      if (!begin.test(pem)) continue; // what stands before the first one
      check(pem, path);
      blocks.push(pem);
    }
  return blocks;
}
