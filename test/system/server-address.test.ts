// Clients that know nothing of Zorp and ask by TLS for one server while they connect another: refused, or let pass and recorded.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { EdgeScene, SUBNETS } from '../support/edge-scene.ts';
import { needs } from '../support/needs.ts';
import { endpoint, NETWORK_NEEDS, succeed } from '../support/network-lab.ts';
import type { CurlAnswer } from '../support/system-curl.ts';
import { curl } from '../support/system-curl.ts';
import { suiteOwner } from '../support/system-process.ts';
import { TestAuthority } from '../support/test-authority.ts';

/** Names with the addresses that the resolver of the services has for them. */
const SITES = {
  'a.example': ['10.92.0.10', '10.92.0.12'],
  'b.example': ['10.92.0.11'],
} as const;
const OF_B = SITES['b.example'][0];
const UNKNOWN = 'unknown.example';
const MISMATCH = 'connect.address-mismatch';

/** The service of each port: what it does with a mismatch, and whether it decrypts. */
const PORTS = { spliced: 443, warned: 444, off: 445, intercepted: 446, lenient: 447 } as const;

const POLICY = `
import {
  definePolicy, denyService, domainMatcher, dynamicCertificate, hashResolver, httpProxy, plugProxy, rule, service, sniDetector,
  transparentRouter, twoSidedEncryption, zone,
} from 'zorp';
const common = {
  router: transparentRouter({ forgeAddress: true }),
  resolver: hashResolver({ mapping: ${JSON.stringify(SITES)} }),
};
const authority = (name) => ({ certificate: 'ca/' + name + '.pem', privateKey: 'ca/' + name + '.key' });
const encryption = twoSidedEncryption({
  clientCertificate: dynamicCertificate({
    authority: authority('trusted'), untrustedAuthority: authority('untrusted'),
  }),
  serverVerify: { authorities: 'servers/authority.pem' },
});
const plug = { ...common, proxy: plugProxy() };
const web = { ...common, proxy: httpProxy({ defaultPort: 443 }), encryption };
const spliced = service('spliced', { ...plug, checkServerAddress: 'refuse' });
const warned = service('warned', { ...plug, checkServerAddress: 'warn' });
const off = service('off', plug);
const intercepted = service('intercepted', { ...web, checkServerAddress: 'refuse' });
const lenient = service('lenient', { ...web, checkServerAddress: 'warn' });
const nothing = denyService('nothing', { reply: 'tcp-reset' });

const clients = zone('clients', { subnets: ${SUBNETS.clients}, outboundServices: ['*'] });
const servers = zone('servers', { subnets: ${SUBNETS.servers}, inboundServices: ['*'] });
const secure = { from: clients, to: servers, protocols: 'tcp', service: nothing };
const detector = sniDetector({ serverName: domainMatcher({ domains: ['a.example', 'b.example', '${UNKNOWN}'] }) });
export default definePolicy({
  zones: [clients, servers],
  rules: [
    rule({ ...secure, ports: ${PORTS.spliced}, detect: [{ detector, service: spliced }] }),
    rule({ ...secure, ports: ${PORTS.warned}, detect: [{ detector, service: warned }] }),
    rule({ ...secure, ports: ${PORTS.off}, detect: [{ detector, service: off }] }),
    rule({ ...secure, ports: ${PORTS.intercepted}, service: intercepted }),
    rule({ ...secure, ports: ${PORTS.lenient}, service: lenient }),
  ],
});
`;

describe(
  'a server that is asked for by name and connected by address',
  { ...needs(...NETWORK_NEEDS, 'root', 'openssl', 'curl'), timeout: 60_000 },
  () => {
    const owner = suiteOwner();
    let scene: EdgeScene;
    let trust: Readonly<Record<'servers' | 'trusted' | 'untrusted', string>>;

    before(async () => {
      scene = await EdgeScene.prepare(owner, { policy: POLICY });
      const folder = dirname(scene.policyFile);
      const ca = ['--dir', join(folder, 'ca'), '--name', 'Test'];
      const made = await scene.command('ca', 'init', ...ca);
      assert.equal(made.status, 0, made.stderr);
      const authority = TestAuthority.in(join(folder, 'servers'));
      trust = {
        servers: authority.certificate,
        trusted: join(folder, 'ca/trusted.pem'),
        untrusted: join(folder, 'ca/untrusted.pem'),
      };
      // It answers whoever asks, as a server with many names does.
      const names = [...Object.keys(SITES), UNKNOWN].map((name) => `DNS:${name}`).join();
      const { certificate, privateKey } = authority.issue('all', {
        extensions: [`subjectAltName=${names}`],
      });
      const { server } = scene.network;
      for (const address of Object.values(SITES).flat()) {
        await succeed(server, [`ip addr add ${address}/24 dev eth0`]);
      }
      const files = ['-key', privateKey, '-cert', certificate];
      await Promise.all(
        Object.values(SITES)
          .flat()
          .flatMap((address) => Object.values(PORTS).map((port) => endpoint(address, port)))
          .map((listen) =>
            server
              .start(['openssl', 's_server', '-www', '-accept', listen, ...files])
              .says(/ACCEPT/),
          ),
      );
      await scene.commit();
      await scene.run();
    });

    /** Asks a service for a page of a server at an address, trusting one authority. */
    async function ask(
      way: keyof typeof PORTS,
      name: string,
      address: string,
      by: keyof typeof trust,
    ): Promise<readonly [CurlAnswer, DecisionRecord]> {
      const to = ['--resolve', `${name}:${PORTS[way]}:${address}`, '--cacert', trust[by]];
      const answer = await curl(scene.network.client, ...to, `https://${name}:${PORTS[way]}/`);
      const record = await scene.zorp.record();
      assert.equal(record.service, way);
      return [answer, record];
    }

    it('passes where the name has the address, any of them', async () => {
      for (const [name, addresses] of Object.entries(SITES))
        for (const address of addresses)
          for (const way of ['spliced', 'intercepted'] as const) {
            const by = way === 'spliced' ? 'servers' : 'trusted';
            const [{ status }, record] = await ask(way, name, address, by);
            assert.deepEqual([status, record.verdict], [200, 'accepted'], record.message);
            assert.deepEqual([record.server?.address, record.warnings], [address, []]);
          }
    });

    it('is refused where it is spliced, and never connected', async () => {
      for (const name of ['a.example', UNKNOWN]) {
        const [{ status, exit }, record] = await ask('spliced', name, OF_B, 'servers');
        assert.deepEqual([status, exit === 0], [0, false]);
        assert.deepEqual([record.verdict, record.reason], ['denied-by-policy', MISMATCH]);
        assert.match(record.message, new RegExp(`${name} does not have the address ${OF_B}`));
        assert.deepEqual(record.serverLocal, null);
      }
    });

    it('is refused where it is intercepted, with a page that nobody takes for one of the server', async () => {
      const [{ exit }, heeded] = await ask('intercepted', 'a.example', OF_B, 'trusted');
      assert.deepEqual([exit, heeded.reason], [60, MISMATCH]);
      const [page, record] = await ask('intercepted', 'a.example', OF_B, 'untrusted');
      assert.equal(page.status, 403);
      assert.match(page.body, /connect\.address-mismatch/);
      assert.deepEqual([record.verdict, record.reason], ['denied-by-policy', MISMATCH]);
    });

    it('passes with a warning where the policy only warns, and without one where it is off', async () => {
      for (const [way, by, warnings] of [
        ['warned', 'servers', [MISMATCH]],
        ['lenient', 'trusted', [MISMATCH]],
        ['off', 'servers', []],
      ] as const) {
        const [{ status }, record] = await ask(way, 'a.example', OF_B, by);
        assert.deepEqual([status, record.verdict, record.warnings], [200, 'accepted', warnings]);
      }
      const told = scene.zorp.lines.filter(({ code }) => code === MISMATCH);
      const passed = told.filter(({ fields }) => fields?.['name'] === 'a.example');
      assert.deepEqual(
        passed.map(({ fields }) => fields?.['server']),
        [`${OF_B}:${PORTS.warned}`, `${OF_B}:${PORTS.lenient}`],
      );
    });
  },
);
