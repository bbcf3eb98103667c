// Real web servers outside of a firewall, and clients inside that reach them through Zorp: as their proxy, or unawares.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EdgeScene, SUBNETS } from './edge-scene.ts';
import { NETWORK_NEEDS, succeed } from './network-lab.ts';
import { startApache } from './system-apache.ts';
import type { Lab } from './system-lab.ts';
import type { Command, Owner, ProcessEnd } from './system-process.ts';

/** How a client comes to Zorp: it is configured to use a proxy, without or with a password, or knows nothing. */
export type Way = 'explicit' | 'known' | 'transparent';

/** What `needs` must be told for a client scene. */
export const CLIENT_NEEDS = [...NETWORK_NEEDS, 'nginx', 'apache2', 'git', 'curl'] as const;

/** The web servers of the scene, each with a name and an address of its own. */
export const SITES = {
  nginx: { name: 'nginx.example', address: '10.92.0.10' },
  apache: { name: 'apache.example', address: '10.92.0.11' },
  node: { name: 'node.example', address: '10.92.0.12' },
  registry: { name: 'registry.example', address: '10.92.0.13' },
} as const;

/** Where a client finds the proxy. */
export const PROXY = '10.91.0.1:3128';

/** Where it finds one that asks who it is: alice, with the password wonderland. */
export const KNOWN_PROXY = '10.91.0.1:3129';

/** A site of nginx that clients must log in to by a form, as alice; its pages are on other sites. */
export const LOGIN_SITE = `http://${SITES.nginx.name}:8000`;

/** What clients are told of the proxy. */
export const PROXIES: Readonly<Record<Way, string | undefined>> = {
  explicit: `http://${PROXY}`,
  known: `http://alice:wonderland@${KNOWN_PROXY}`,
  transparent: undefined,
};

const ROOT = join(import.meta.dirname, '../..');
const BIG_BYTES = 5_000_000;

const POLICY = `
import {
  accept, definePolicy, functionProvider, httpDetector, httpProxy, inbandAuthentication, inbandRouter, listener, plugProxy, reject,
  rule, service, transparentRouter, webSocketProxy, zone,
} from 'zorp';

const methods = { GET: accept(), HEAD: accept(), POST: accept(), PUT: accept() };
const refuse = (request) => request.url.path === '/refused' ? reject('This page is not for you') : accept();
const request = { ...methods, GET: refuse };
// The servers are in private networks, which clients who name their server reach where the policy opens them only.
const destinationGuard = { permit: () => [servers] };
const chat = service('chat', { proxy: webSocketProxy({ frames: ['text'] }) });
const upgrade = { websocket: chat };
// A browser goes through CONNECT to talk by a WebSocket.
const pages = service('pages', { proxy: httpProxy({ request, upgrade }), destinationGuard });
const tunnel = service('tunnel', { proxy: plugProxy() });
const unawares = service('unawares', {
  proxy: httpProxy({ request, upgrade }),
  router: transparentRouter({ forgeAddress: true }),
});
const contents = { detect: [{ detector: httpDetector(), service: pages }], service: tunnel };
const explicit = { mode: 'explicit', upgrade, connect: { 80: contents } };
const asked = service('asked', {
  proxy: httpProxy({ ...explicit, request: { ...request, CONNECT: accept() } }),
  router: inbandRouter(),
  destinationGuard,
});
const authentication = inbandAuthentication({
  provider: functionProvider((user, password) =>
    user === 'alice' && password === 'wonderland' ? { groups: [] } : undefined,
  ),
});
const known = service('known', {
  proxy: httpProxy({ ...explicit, request: { ...request, CONNECT: accept() } }),
  router: inbandRouter(),
  destinationGuard,
  authentication,
});
const welcomed = service('welcomed', {
  proxy: httpProxy({ authentication: { form: true } }),
  router: transparentRouter({ forgeAddress: true }),
  authentication,
});
const clients = zone('clients', { subnets: ${SUBNETS.clients}, outboundServices: ['*'] });
const servers = zone('servers', { subnets: ${SUBNETS.servers}, inboundServices: ['*'] });
export default definePolicy({
  zones: [clients, servers],
  rules: [
    rule({ from: clients, to: servers, protocols: 'tcp', ports: 80, service: unawares }),
    rule({ from: clients, to: servers, protocols: 'tcp', ports: 8000, service: welcomed }),
  ],
  listeners: [listener('${PROXY}', asked), listener('${KNOWN_PROXY}', known)],
});
`;

/** A firewall with web servers on one side and clients on the other. */
export class ClientScene {
  readonly edge: EdgeScene;
  /** A folder that the nginx server publishes. */
  readonly files: string;

  constructor(edge: EdgeScene, files: string) {
    this.edge = edge;
    this.files = files;
  }

  /** Makes the network, starts the servers and Zorp. */
  static async open(owner: Owner): Promise<ClientScene> {
    const hosts = Object.fromEntries(
      Object.values(SITES).map(({ name, address }) => [name, [address]]),
    );
    const edge = await EdgeScene.open(owner, { policy: POLICY, hosts });
    const { server } = edge.network;
    const addresses = Object.values(SITES).map(
      ({ address }) => `ip addr add ${address}/24 dev eth0`,
    );
    await succeed(server, addresses);
    const files = server.makeFolder('files');
    writeFileSync(join(files, 'big.bin'), bigFile());
    await startNginx(server, files);
    await startApache(server, { ...SITES.apache, port: 80 });
    await startScript(server, 'web-site-main.ts', SITES.node.address);
    await startScript(
      server,
      'npm-registry-main.ts',
      SITES.registry.address,
      `http://${SITES.registry.name}`,
    );
    return new ClientScene(edge, files);
  }

  get client(): Lab {
    return this.edge.network.client;
  }

  /** Runs a client to its end. */
  run(way: Way, command: Command): Promise<ProcessEnd> {
    return this.client.run(commandFor(way, command));
  }

  /** Runs a client that must succeed. @returns what it wrote to standard output. */
  async succeed(way: Way, ...command: Command): Promise<string> {
    const { status, stdout, stderr } = await this.run(way, command);
    const { zorp } = this.edge;
    assert.equal(status, 0, `${command.join(' ')}\n${stdout}${stderr}\n${zorp.process.stderr}`);
    return stdout;
  }
}

/** A command with the environment that tells clients of the proxy, or without any. */
export function commandFor(way: Way, command: Command): Command {
  const names = ['http_proxy', 'https_proxy'];
  const unset = names.flatMap((name) => ['-u', name]);
  const proxy = PROXIES[way];
  const set = proxy === undefined ? [] : names.map((name) => `${name}=${proxy}`);
  return ['env', ...unset, ...set, ...command];
}

/** The contents of `/big.bin`: no two blocks of it are the same. */
export function bigFile(): Buffer {
  const bytes = Buffer.alloc(BIG_BYTES);
  for (let at = 0; at + 4 <= BIG_BYTES; at += 4)
    bytes.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  return bytes;
}

/** The SHA-256 of a file, in hexadecimal. */
export function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

async function startNginx(server: Lab, files: string): Promise<void> {
  const { folder } = server;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  const config = server.write(
    'nginx.conf',
    `user root root; daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr notice;
events { worker_connections 1024; }
http {
  access_log off; default_type application/octet-stream; ${temporary.join(' ')}
  server { listen ${SITES.nginx.address}:80; root ${files}; location = /missing { return 404 "none\\n"; } }
  server { listen ${SITES.nginx.address}:8000; return 302 http://${SITES.node.name}/; }
}
`,
  );
  const nginx = server.start(['nginx', '-e', 'stderr', '-c', config]);
  await nginx.says(/start worker processes|using the "epoll"/);
}

/** Starts a server of this project's tests, run by Node, and waits until it listens. */
export async function startScript(
  server: Lab,
  file: string,
  ...args: readonly string[]
): Promise<void> {
  const started = server.start([process.execPath, join(ROOT, 'test/support', file), ...args]);
  await started.says(/ready/);
}

/** A package of Debian in a folder, with the index that apt reads. @returns the name of the package. */
export async function publishDebianPackage(lab: Lab, files: string): Promise<string> {
  const name = 'zorp-test-package';
  const control = `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: A test <test@example.org>\nDescription: a package\n`;
  const build = join(lab.folder, name);
  mkdirSync(join(build, 'DEBIAN'), { recursive: true });
  writeFileSync(join(build, 'DEBIAN/control'), control);
  const file = `${name}_1.0_all.deb`;
  await succeed(lab, [`dpkg-deb --root-owner-group -b ${build} ${join(files, file)}`]);
  const path = join(files, file);
  const index = `${control}Filename: ./${file}\nSize: ${statSync(path).size}\nSHA256: ${digestOf(path)}\n`;
  writeFileSync(join(files, 'Packages'), index);
  return name;
}
