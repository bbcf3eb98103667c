// The server behind the proxies: the same for all, and cheap, so that on a small machine it does not become the
// bottleneck. nginx where it is installed; else a little server in Node, which costs more but is not counted either.

import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { installedProgram } from '../test/support/installed-program.ts';
import type { Command, Running } from './child.ts';
import { start } from './child.ts';
import { LARGE_BYTES, patternOf, SMALL_BYTES } from './content.ts';
import { nginxConfig, writeNginxConfig } from './peers/nginx-config.ts';
import { ServerCertificates } from './server-certificates.ts';
import type { AuthorityFiles, TlsSite } from './tls-site.ts';
import { SERVER_NAME } from './tls-site.ts';

/** The back end, and what it is. */
export interface BackEnd extends Running {
  readonly name: 'nginx' | 'node';
  readonly port: number;
}

const LARGE = 'large';

/** Starts the back end, and writes the large answer into the folder. */
export async function startBackEnd(folder: string, port: number): Promise<BackEnd> {
  const large = join(folder, LARGE);
  writeLarge(large);
  const name = 'back end';
  const file = installedProgram('nginx');
  if (file === undefined)
    return { name: 'node', port, ...(await start(nodeServer(name, port, folder))) };
  const args = writeNginxConfig(folder, 'back-end', nginxServer(String(port), large));
  const server = { name, file, args, ports: [port], log: join(folder, 'back-end.log') };
  return { name: 'nginx', port, ...(await start(server)) };
}

/** Starts the servers that speak TLS; the large answer is there already. */
export async function startTlsBackEnds(site: TlsSite, folder: string): Promise<Running> {
  const names = await start(nodeServer('server with all names', site.namesPort, folder, site));
  try {
    const one = await start(serverWithOneName(site, folder));
    const stop = async (): Promise<void> => {
      await Promise.all([names.stop(), one.stop()]);
    };
    return { pid: one.pid, stop };
  } catch (error) {
    await names.stop();
    throw error;
  }
}

function serverWithOneName(site: TlsSite, folder: string): Command {
  const name = 'server of TLS';
  const file = installedProgram('nginx');
  if (file === undefined) return nodeServer(name, site.serverPort, folder, site);
  const { certificate, privateKey } = writeServerCertificate(site);
  const tls = `ssl_certificate ${certificate}; ssl_certificate_key ${privateKey}; ssl_protocols TLSv1.3;`;
  const config = nginxServer(`${site.serverPort} ssl`, join(folder, LARGE), tls);
  const args = writeNginxConfig(folder, 'tls-back-end', config);
  return { name, file, args, ports: [site.serverPort], log: join(folder, 'tls-back-end.log') };
}

function writeServerCertificate({ folder, serverAuthority }: TlsSite): AuthorityFiles {
  const certificates = new ServerCertificates(serverAuthority);
  const files = {
    certificate: join(folder, 'server.pem'),
    privateKey: join(folder, 'server.key'),
  };
  writeFileSync(files.certificate, certificates.issue(SERVER_NAME));
  writeFileSync(files.privateKey, certificates.privateKey, { mode: 0o600 });
  return files;
}

/** With a site it speaks TLS, and has a certificate for every name. */
function nodeServer(name: string, port: number, folder: string, site?: TlsSite): Command {
  const authority = site?.serverAuthority;
  const files = authority === undefined ? [] : [authority.certificate, authority.privateKey];
  const program = join(import.meta.dirname, 'node-server.ts');
  const args = [program, String(port), join(folder, LARGE), ...files];
  const log = join(folder, `node-server-${port}.log`);
  return { name, file: process.execPath, args, ports: [port], log };
}

function nginxServer(listen: string, large: string, more = ''): string {
  return nginxConfig({
    http: `
  sendfile on;
  server {
    listen 127.0.0.1:${listen} backlog=4096;
    ${more}
    # What the proxy added comes back, so that the client can check it. No header if it is empty.
    add_header X-Seen $http_x_bench;
    # And what it was to drop, if it did not.
    add_header X-Referer $http_referer;
    location = /small { return 200 "${'x'.repeat(SMALL_BYTES)}"; }
    location = /large { alias ${large}; }
  }`,
  });
}

function writeLarge(path: string): void {
  const file = openSync(path, 'w', 0o644);
  const step = 1024 * 1024;
  for (let at = 0; at < LARGE_BYTES; at += step)
    writeSync(file, patternOf(at, Math.min(step, LARGE_BYTES - at)));
  closeSync(file);
}
