// What the rows of TLS need beside ports: an authority that vouches for the servers, and one that the proxies sign with.

import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority } from '../src/keybridge/authority.ts';

/** The name of the server that has one. */
export const SERVER_NAME = 'www.bench.example';

/** The files of an authority. */
export interface AuthorityFiles {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Where the servers of TLS are, and the files that they and the proxies are given. */
export interface TlsSite {
  /** The server with one name. */
  readonly serverPort: number;
  /** The server with every name. */
  readonly namesPort: number;
  /** Vouches for the servers. */
  readonly serverAuthority: AuthorityFiles;
  /** The proxies sign with it, and the clients trust it and nobody else: what arrives was intercepted. */
  readonly proxyAuthority: AuthorityFiles;
  /** For proxies that take a key for the certificates that they make: on P-256, as that of Zorp. */
  readonly leafKey: string;
  readonly folder: string;
}

const P256 = { namedCurve: 'P-256' } as const;

/** Makes the files. */
export function makeTlsSite(folder: string, serverPort: number, namesPort: number): TlsSite {
  const own = join(folder, 'tls');
  mkdirSync(own);
  const { privateKey } = generateKeyPairSync('ec', P256);
  const leafKey = join(own, 'leaf.key');
  writeFileSync(leafKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const serverAuthority = writeAuthority(own, 'servers');
  const proxyAuthority = writeAuthority(own, 'proxies');
  return { folder: own, serverPort, namesPort, serverAuthority, proxyAuthority, leafKey };
}

function writeAuthority(folder: string, name: string): AuthorityFiles {
  const made = makeAuthority({ name: `Bench, ${name}`, now: Date.now() });
  const files = {
    certificate: join(folder, `${name}.pem`),
    privateKey: join(folder, `${name}.key`),
  };
  writeFileSync(files.certificate, made.certificate);
  writeFileSync(files.privateKey, made.privateKey, { mode: 0o600 });
  return files;
}
