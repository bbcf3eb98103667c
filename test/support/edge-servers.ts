// The servers of policies/edge.ts, none of them of Zorp's making: nginx, openssl, socat, and a small DNS server.
import { join } from 'node:path';
import type { DnsEntry } from './dns-server.ts';
import { ADDRESSES, endpoint, succeed } from './network-lab.ts';
import type { Lab } from './system-lab.ts';
import { startNginx } from './system-nginx.ts';
import { startWitness } from './witness.ts';

/** Programs that the servers and their clients are. */
export const EDGE_PROGRAMS = ['nginx', 'curl', 'openssl', 'socat', 'dig'] as const;

/** What the DNS server knows. */
export const NAMES: Readonly<Record<string, DnsEntry>> = {
  'www.example.org': { addresses: ['192.0.2.80', '2001:db8::80'] },
};

const DNS_MAIN = join(import.meta.dirname, 'system-dns-main.ts');

/** Starts all of them, on both addresses of the server. */
export async function startEdgeServers(server: Lab): Promise<void> {
  const hosts = Object.values(ADDRESSES.server);
  const web = hosts.map((host) => ({ listen: endpoint(host, 80), name: 'edge' }));
  await startNginx(server, web);
  await makeCertificate(server);
  for (const host of hosts) {
    await startSecureServer(server, host);
    await startDns(server, host);
    await startWitness(server, { protocol: 'tcp', address: host, port: 22 });
    await startWitness(server, { protocol: 'udp', address: host, port: 123 });
  }
}

async function makeCertificate(server: Lab): Promise<void> {
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  const names = '-subj /CN=server.example -days 2';
  await succeed(server, [
    `cd ${server.folder}`,
    `openssl req -x509 ${key} -keyout key.pem -out certificate.pem ${names} 2>&1`,
  ]);
}

/** A web page about the TLS connection, whatever is asked for. */
async function startSecureServer(server: Lab, host: string): Promise<void> {
  const { folder } = server;
  const files = ['-key', `${folder}/key.pem`, '-cert', `${folder}/certificate.pem`];
  const command = [
    'openssl',
    's_server',
    '-accept',
    endpoint(host, 443),
    '-www',
    ...files,
  ] as const;
  await server.start(command).says(/ACCEPT/);
}

async function startDns(server: Lab, host: string): Promise<void> {
  const command = [process.execPath, DNS_MAIN, host, '53', JSON.stringify(NAMES)] as const;
  await server.start(command).says(/ready/);
}
