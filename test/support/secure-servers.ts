// The web servers with TLS of a scene, all of them nginx and Apache: good ones, and those that no client should trust.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startScript } from './client-scene.ts';
import { endpoint, succeed } from './network-lab.ts';
import { startApache } from './system-apache.ts';
import type { Lab } from './system-lab.ts';
import type { WebServer } from './system-nginx.ts';
import { startNginx } from './system-nginx.ts';
import type { MadeCertificate } from './test-authority.ts';
import { TestAuthority } from './test-authority.ts';

/** The web servers of the scene, each with a name and an address of its own. */
export const SECURE_SITES = {
  nginx: { name: 'nginx.example', address: '10.92.0.10' },
  apache: { name: 'apache.example', address: '10.92.0.11' },
  /** A page with a form, an image and a WebSocket. */
  node: { name: 'node.example', address: '10.92.0.12' },
  registry: { name: 'registry.example', address: '10.92.0.13' },
  /** The policy lets it pass as it is; its authority is one that Zorp does not know. */
  bank: { name: 'bank.example', address: '10.92.0.14' },
  /** The policy refuses it by its name. */
  games: { name: 'games.example', address: '10.92.0.15' },
  selfSigned: { name: 'self-signed.example', address: '10.92.0.20' },
  expired: { name: 'expired.example', address: '10.92.0.21' },
  /** Its certificate is for another name. */
  wrongName: { name: 'wrong-name.example', address: '10.92.0.22' },
  unknown: { name: 'unknown.example', address: '10.92.0.23' },
} as const;

/** The server `nginx` over IPv6. Its name has no such address, so that records of it are known by the other. */
export const NGINX_IPV6 = 'fd92::10';

/** What the server of a bad certificate is called in `SECURE_SITES`. */
export type BadSite = 'selfSigned' | 'expired' | 'wrongName' | 'unknown';

/** A folder that nginx publishes as `/debian/`. */
export function debianFolder(server: Lab): string {
  return join(server.folder, 'debian');
}

/** The authority of the bank, which is nobody's but its own. */
export function bankAuthority(server: Lab): TestAuthority {
  return new TestAuthority(join(server.folder, 'bank'), 'bank-authority');
}

/** The names of all servers with their addresses. */
export function allSecureHosts(): Readonly<Record<string, readonly string[]>> {
  const sites = Object.values(SECURE_SITES);
  return Object.fromEntries(sites.map(({ name, address }) => [name, [address]]));
}

/** Starts all of them, with certificates of this authority where they are good. */
export async function startSecureServers(server: Lab, authority: TestAuthority): Promise<void> {
  const { apache, node, registry } = SECURE_SITES;
  const addresses = Object.values(SECURE_SITES).map(
    ({ address }) => `ip addr add ${address}/24 dev eth0`,
  );
  await succeed(server, [...addresses, `ip addr add ${NGINX_IPV6}/64 dev eth0 nodad`]);
  mkdirSync(debianFolder(server));
  await startScript(server, 'web-site-main.ts', node.address);
  const origin = `https://${registry.name}`;
  await startScript(server, 'npm-registry-main.ts', registry.address, origin);
  const certificate = authority.issue(apache.name);
  await startApache(server, { ...apache, port: 443, certificate });
  const ready = { listen: '127.0.0.1:8000', name: 'ready' };
  await startNginx(server, [
    ...goodServers(server, authority),
    ...badServers(server, authority),
    ready,
  ]);
}

function goodServers(server: Lab, authority: TestAuthority): WebServer[] {
  const { nginx, node, registry, bank, games } = SECURE_SITES;
  const bankCertificate = TestAuthority.in(join(server.folder, 'bank'), 'bank-authority').issue(
    bank.name,
  );
  const own = `location = /missing { return 404 "none\\n"; }
    location ~ ^/debian/ { root ${server.folder}; }
    listen ${endpoint(NGINX_IPV6, 443)} ssl http2;`;
  return [
    secureServer(nginx, authority.issue(nginx.name), own),
    secureServer(node, authority.issue(node.name), passedTo(node.address)),
    secureServer(registry, authority.issue(registry.name), passedTo(registry.address)),
    secureServer(bank, bankCertificate),
    secureServer(games, authority.issue(games.name)),
  ];
}

function badServers(server: Lab, authority: TestAuthority): WebServer[] {
  const { selfSigned, expired, wrongName, unknown } = SECURE_SITES;
  const names = (name: string) => ({ extensions: [`subjectAltName=DNS:${name}`] });
  const stranger = TestAuthority.in(join(server.folder, 'stranger'), 'stranger');
  const past = { from: '20240101000000Z', to: '20240201000000Z' };
  const certificates: Readonly<Record<BadSite, MadeCertificate>> = {
    selfSigned: authority.issueSelfSigned(selfSigned.name, names(selfSigned.name)),
    expired: authority.issue(expired.name, past),
    wrongName: authority.issue(wrongName.name, names('other.example')),
    unknown: stranger.issue(unknown.name),
  };
  return Object.entries(certificates).map(([site, certificate]) =>
    secureServer(SECURE_SITES[site as BadSite], certificate),
  );
}

/** A web server of the scene. */
export interface SecureSite {
  readonly name: string;
  readonly address: string;
}

function secureServer(
  { name, address }: SecureSite,
  { certificate, privateKey }: MadeCertificate,
  more = '',
): WebServer {
  const other = `listen ${address}:8443 ssl http2;`;
  const files = `ssl_certificate ${certificate}; ssl_certificate_key ${privateKey};`;
  return { listen: `${address}:443 ssl http2`, name, more: `${other} ${files} ${more}` };
}

/** Everything is for a server of plain HTTP behind nginx, WebSockets too. */
function passedTo(address: string): string {
  return `location ~ ^/ {
    client_max_body_size 20m; proxy_http_version 1.1; proxy_pass http://${address}:80;
    proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;
  }`;
}
