// What a matrix of TLS servers is made of: a case, its certificate, and the server that runs it.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { basename, join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import type { ServerVerifyOptions } from '../../src/policy/certificate-verifier.ts';
import type { TlsOptions } from '../../src/policy/tls-options.ts';
import { closeServer, listenOnFreePort } from './free-port.ts';
import type { Owner } from './system-process.ts';
import { serve } from './system-tcp.ts';
import type { CertificateWish, MadeCertificate } from './test-authority.ts';
import { TestAuthority } from './test-authority.ts';

export const NAME = 'www.example';
export const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** A server of the matrix. */
export interface ServerCase {
  readonly name: string;
  /** The reason code that it is refused with; undefined: it is accepted. */
  readonly reason?: string;
  readonly status?: 403 | 502 | 504;
  /** The number of the error that `openssl s_client` ends with; 0: it accepts the server; undefined: it is not asked. */
  readonly openssl?: number;
  /** Options of `openssl s_client` beside the usual ones. */
  readonly opensslOptions?: readonly string[];
  readonly verify?: ServerVerifyOptions;
  readonly tls?: TlsOptions;
  /** Default: NAME; null: it is meant by its address. */
  readonly serverName?: null | string;
  /** A certificate with its chain, and how it is shown; or what is done with a connection. */
  readonly server: ShownServer | RawServer;
}

export interface ShownServer extends MadeCertificate {
  readonly options?: SecureContextOptions;
  /** An answer of OCSP that is stapled. */
  readonly staple?: Buffer;
}

/** Is given a connection whose ClientHello has come. */
export type RawServer = (socket: Socket) => void;

/** A running server, and every byte that it has read of what is inside of TLS, or beside it. */
export interface RunningServer {
  readonly port: number;
  readonly seen: () => string;
  /** Shows another certificate from now on, and knows no session any more. */
  readonly change: (other: ShownServer) => void;
  /** What a server with a certificate answers. Default: ANSWER. */
  answer: string;
}

type OcspAnswered = (error: Error | null, staple: Buffer) => void;

/** Starts one. */
export async function startServer(
  owner: Owner,
  server: ShownServer | RawServer,
): Promise<RunningServer> {
  let seen = '';
  const note = (bytes: Buffer): void => void (seen += bytes.toString('latin1'));
  if (typeof server === 'function') {
    const { port } = await serve(owner, (socket) => {
      socket.on('end', () => socket.end());
      socket.on('data', note).once('data', () => server(socket));
    });
    return { port, seen: () => seen, change: () => undefined, answer: '' };
  }
  const secured = createTlsServer(contextOf(server), (socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (bytes: Buffer) => {
        note(bytes);
        socket.end(running.answer);
      });
  }).on('tlsClientError', () => undefined);
  const { staple } = server;
  if (staple !== undefined)
    secured.on('OCSPRequest', (_certificate, _issuer, answer: OcspAnswered) =>
      answer(null, staple),
    );
  const port = await listenOnFreePort(secured);
  owner.after(() => closeServer(secured));
  const change = (other: ShownServer): void => secured.setSecureContext(contextOf(other));
  const running: RunningServer = { port, seen: () => seen, change, answer: ANSWER };
  return running;
}

function contextOf({ certificate, privateKey, options }: ShownServer): SecureContextOptions {
  const [cert, key] = [readFileSync(certificate), readFileSync(privateKey)];
  // Weak keys and old versions are shown by servers that have not been told otherwise.
  const made = { cert, key, ciphers: 'DEFAULT:@SECLEVEL=0', ...options };
  createSecureContext(made);
  return made;
}

/** The authority that is trusted, one that is not, and certificates of either. */
export class CertificateMaker {
  readonly root: TestAuthority;
  readonly stranger: TestAuthority;

  constructor(owner: Owner) {
    this.root = TestAuthority.make(owner, 'root');
    this.stranger = TestAuthority.make(owner, 'stranger');
  }

  /** A folder with copies of these files, under the names of OpenSSL's hashes too: what administrators keep authorities in. */
  folderOf(name: string, ...files: readonly string[]): string {
    const folder = join(this.root.folder, name);
    mkdirSync(folder);
    for (const file of files) copyFileSync(file, join(folder, basename(file)));
    execFileSync('openssl', ['rehash', folder]);
    return folder;
  }

  /** A certificate for NAME, or for what is wished. */
  issue(name: string, wish: CertificateWish = {}, by = this.root): MadeCertificate {
    return by.issue(name, { ...names(NAME), ...wish });
  }
}

/** Extensions of certificates. */
export const SERVER = 'extendedKeyUsage=serverAuth';
export const USE = ['keyUsage=critical,keyCertSign,cRLSign', 'subjectKeyIdentifier=hash'];
export const AUTHORITY = ['basicConstraints=critical,CA:TRUE', ...USE];

/** A server with this name. */
export function names(name: string): CertificateWish {
  return { extensions: [`subjectAltName=DNS:${name}`, SERVER] };
}

/** A certificate with those of its authority, and of others, behind it. */
export function chain(
  authority: TestAuthority,
  { certificate, privateKey }: MadeCertificate,
  ...above: readonly TestAuthority[]
): MadeCertificate {
  const files = [authority, ...above].map((one) => one.certificate);
  const name = `${privateKey.replace(/^.*\/|\.key$/g, '')}-chain`;
  return { certificate: authority.join(name, certificate, ...files), privateKey };
}

/** A certificate with that of its authority behind it, again and again: so many bytes of DER in all, or a few more. */
export function padded(
  authority: TestAuthority,
  { certificate, privateKey }: MadeCertificate,
  bytes: number,
): MadeCertificate {
  const { raw } = new X509Certificate(readFileSync(authority.certificate));
  const above = Array.from({ length: Math.ceil(bytes / raw.length) }, () => authority.certificate);
  return {
    certificate: authority.join(`padded-${basename(privateKey)}`, certificate, ...above),
    privateKey,
  };
}

/** A server of the matrix that is refused with this reason, and as a rule that of OpenSSL. */
export function bad(
  name: string,
  reason: string,
  openssl: number | undefined,
  server: ShownServer,
): ServerCase {
  return { name, reason, status: 403, server, ...(openssl === undefined ? {} : { openssl }) };
}
