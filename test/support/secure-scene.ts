// Web servers with TLS outside of a firewall that intercepts it, and clients inside that trust its authority: they use
// Zorp as their proxy, or know nothing of it.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { commandFor, PROXY } from './client-scene.ts';
import { EdgeScene, SUBNETS } from './edge-scene.ts';
import { NETWORK_NEEDS } from './network-lab.ts';
import type { SecureSite } from './secure-servers.ts';
import { allSecureHosts, SECURE_SITES, startSecureServers } from './secure-servers.ts';
import type { Lab } from './system-lab.ts';
import type { Command, Owner, ProcessEnd } from './system-process.ts';
import { until } from './system-wait.ts';
import { TestAuthority } from './test-authority.ts';

/** What `needs` must be told for a scene with TLS. */
export const SECURE_NEEDS = [
  ...NETWORK_NEEDS,
  'nginx',
  'apache2',
  'git',
  'curl',
  'openssl',
] as const;

/** How a client comes to Zorp: it is configured to use a proxy, or knows nothing of it. */
export type SecureWay = 'explicit' | 'transparent';

/** The organization of the authorities that Zorp signs with. */
export const ORGANIZATION = 'Example Ltd';

/** The port at which servers that are not trusted are shown as such, and not refused. */
export const LAX_PORT = 8443;

const POLICY = `
import {
  accept, definePolicy, denyService, domainMatcher, dynamicCertificate, httpProxy, inbandRouter, listener, plugProxy, reject,
  rule, service, sniDetector, tlsDetector, transparentRouter, twoSidedEncryption, webSocketProxy, zone,
} from 'zorp';

const authority = (name) => ({ certificate: 'ca/' + name + '.pem', privateKey: 'ca/' + name + '.key' });
const interception = (serverVerify = {}) => twoSidedEncryption({
  clientCertificate: dynamicCertificate({
    authority: authority('trusted'), untrustedAuthority: authority('untrusted'),
  }),
  serverVerify: { authorities: 'servers/authority.pem', ...serverVerify },
});
const common = {
  router: transparentRouter({ forgeAddress: true }),
  // The servers are in private networks, which clients who name their server reach where the policy opens them only.
  destinationGuard: { permit: () => [servers] },
};
const chat = service('chat', { proxy: webSocketProxy({ frames: ['text'] }) });
const refuse = (request) => request.url.path === '/refused' ? reject('This page is not for you') : accept();
const proxy = httpProxy({
  defaultPort: 443,
  targetPorts: [443, ${LAX_PORT}],
  request: { GET: refuse, HEAD: accept(), POST: accept(), PUT: accept() },
  upgrade: { websocket: chat },
});
const pages = service('pages', { proxy, encryption: interception(), ...common });
const shown = service('shown', {
  proxy,
  encryption: interception({ trusted: false, permitInvalidCertificates: true }),
  ...common,
});
const untouched = service('untouched', { proxy: plugProxy(), ...common });
const nothing = denyService('nothing', { reply: 'tcp-reset' });

const asksFor = (name) => sniDetector({ serverName: domainMatcher({ domains: [name] }) });
const detect = [
  { detector: asksFor('${SECURE_SITES.games.name}'), service: nothing },
  { detector: asksFor('${SECURE_SITES.bank.name}'), service: untouched },
];
const strict = { detect: [...detect, { detector: tlsDetector(), service: pages }] };
const lax = { detect: [{ detector: tlsDetector(), service: shown }] };
const gateway = service('gateway', {
  proxy: httpProxy({
    mode: 'explicit', targetPorts: [443, ${LAX_PORT}], connect: { 443: strict, ${LAX_PORT}: lax },
    request: { CONNECT: accept() },
  }),
  router: inbandRouter(),
  destinationGuard: common.destinationGuard,
});

const clients = zone('clients', { subnets: ${SUBNETS.clients}, outboundServices: ['*'] });
const servers = zone('servers', { subnets: ${SUBNETS.servers}, inboundServices: ['*'] });
const web = { from: clients, to: servers, protocols: 'tcp' };
export default definePolicy({
  zones: [clients, servers],
  rules: [
    rule({ ...web, ports: 443, ...strict, service: nothing }),
    rule({ ...web, ports: ${LAX_PORT}, ...lax, service: nothing }),
  ],
  listeners: [listener('${PROXY}', gateway)],
});
`;

/** A firewall that looks into TLS, with web servers on one side and clients on the other. */
export class SecureScene {
  readonly edge: EdgeScene;
  /** The authority that vouches for the servers. */
  readonly authority: TestAuthority;
  /** The file of the authority that clients are to trust, as `zorp ca export` wrote it. */
  readonly trusted: string;

  constructor(edge: EdgeScene, authority: TestAuthority, trusted: string) {
    this.edge = edge;
    this.authority = authority;
    this.trusted = trusted;
  }

  /** Makes the network and the authorities, starts the servers and Zorp. */
  static async open(owner: Owner): Promise<SecureScene> {
    const edge = await EdgeScene.prepare(owner, { policy: POLICY, hosts: allSecureHosts() });
    const folder = dirname(edge.policyFile);
    const trusted = join(edge.network.client.folder, 'example-ca.pem');
    const ca = ['--dir', join(folder, 'ca')];
    for (const words of [
      ['init', ...ca, '--name', ORGANIZATION],
      ['export', ...ca, '--out', trusted],
    ]) {
      const { status, stdout, stderr } = await edge.command('ca', ...words);
      assert.equal(status, 0, stdout + stderr);
    }
    const authority = TestAuthority.in(join(folder, 'servers'));
    await startSecureServers(edge.network.server, authority);
    await edge.commit();
    await edge.run();
    return new SecureScene(edge, authority, trusted);
  }

  get client(): Lab {
    return this.edge.network.client;
  }

  /** The file of the authority that nobody is to trust. */
  get untrusted(): string {
    return join(dirname(this.edge.policyFile), 'ca/untrusted.pem');
  }

  /** Runs clients, and waits for a record of a connection to this server that comes of it. */
  async recordOf(
    { name, address }: SecureSite,
    isIt: (record: DecisionRecord) => boolean,
    work: () => Promise<unknown>,
  ): Promise<DecisionRecord> {
    const { zorp } = this.edge;
    const before = zorp.records.length;
    await work();
    const isNew = (record: DecisionRecord): boolean =>
      [record.server, record.clientLocal].some((one) => one?.address === address) && isIt(record);
    const seen = (): string => JSON.stringify(zorp.records.slice(before), undefined, 1);
    return until(`a record of ${name}`, () => zorp.records.slice(before).find(isNew), { seen });
  }

  /** Runs a client to its end. */
  run(way: SecureWay, command: Command, input?: string): Promise<ProcessEnd> {
    return this.client.run(commandFor(way, command), input);
  }

  /** Runs a client that must succeed. @returns what it wrote to standard output. */
  async succeed(way: SecureWay, command: Command, input?: string): Promise<string> {
    const { status, stdout, stderr } = await this.run(way, command, input);
    const { zorp } = this.edge;
    assert.equal(status, 0, `${command.join(' ')}\n${stdout}${stderr}\n${zorp.process.stderr}`);
    return stdout;
  }
}
