// Certificates of the servers behind the proxies.

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Authority } from '../src/keybridge/authority.ts';
import { readAuthority } from '../src/keybridge/authority.ts';
import { certificateForName } from '../src/keybridge/server-certificate.ts';
import { pemOf } from '../src/keybridge/sign-certificate.ts';
import type { AuthorityFiles } from './tls-site.ts';

/** Signs certificates for servers, all with one key on P-256. */
export class ServerCertificates {
  /** PEM. */
  readonly privateKey: string;
  readonly #authority: Authority;
  readonly #publicKey: Buffer;

  constructor(files: AuthorityFiles) {
    const certificate = readFileSync(files.certificate, 'utf8');
    const authorityKey = readFileSync(files.privateKey, 'utf8');
    const text = { certificate, privateKey: authorityKey, passphrase: undefined };
    this.#authority = readAuthority(text, Date.now());
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#publicKey = publicKey.export({ type: 'spki', format: 'der' });
    this.privateKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** A certificate for a name, as PEM. */
  issue(name: string): string {
    const making = { authority: this.#authority, publicKey: this.#publicKey, now: Date.now() };
    return pemOf(certificateForName({ name }, making).encoded);
  }
}
