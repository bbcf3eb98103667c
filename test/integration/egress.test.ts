// The ways around a proxy: every spelling of an address of this machine, through a running Zorp, by URL and by CONNECT. A
// canary listens there, and nothing may ever reach it; a service that its zone opens does, so that the table proves something.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Policy, Service } from '../../src/index.ts';
import {
  definePolicy,
  directedRouter,
  dnsResolver,
  httpProxy,
  inbandRouter,
  listener,
  plugProxy,
  service,
  zone,
} from '../../src/index.ts';
import { DnsServer } from '../support/dns-server.ts';
import { startPolicy } from '../support/system-instance.ts';
import { answerWith, serve, talk } from '../support/system-tcp.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'inside.example': ['127.0.0.1'],
  'inside6.example': ['::1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nat64.example': ['64:ff9b::127.0.0.1'],
  'mixed.example': ['198.51.100.1', '127.0.0.1'],
  'mixed6.example': ['198.51.100.1', 'fd00::1'],
  'metadata.example': ['169.254.169.254'],
  'private.example': ['10.9.9.9'],
};

const HOSTS: readonly string[] = [
  ...['127.0.0.1', '127.1.2.3', '127.255.255.254', '0.0.0.0', '0.1.2.3', '255.255.255.255'],
  ...['127.1', '127.0.1', '127.0.0.1.', '2130706433', '0x7f000001', '0x7f.1', '0x7F.0x0.0x0.0x1'],
  ...[
    '0177.0.0.1',
    '0177.1',
    '017700000001',
    '00127.0.0.1',
    '127.0.0.01',
    '127.0.0.1%00',
    '0',
    '0x0',
  ],
  ...[
    '127%2e0%2e0%2e1',
    '%31%32%37.0.0.1',
    '１２７.0.0.1',
    '127。0。0。1',
    '①②⑦.0.0.1',
    'ⓛocalhost',
  ],
  ...['localhost', 'LOCALHOST', 'localhost.', 'x@127.0.0.1', '127.0.0.1@x.example'],
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[::0001]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
  ...['[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]'],
  ...['[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]'],
  ...[
    '[2002:7f00:1::1]',
    '[2001:0:7f00:1::]',
    '[2001:0:1:2:3:4:80ff:fffe]',
    '[::1%lo]',
    '[::1%25lo]',
  ],
  ...['[fe80::5efe:127.0.0.1]', '[fd00:ec2::254]', '169.254.169.254', '[fe80::1]', '[fec0::1]'],
  ...[
    '10.9.9.9',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
  ],
  ...Object.keys(NAMES),
];

interface Scene {
  readonly port: number;
  readonly canaryPort: number;
  /** How many connections the canary has got. */
  readonly reached: () => number;
}

/** Starts a policy with an explicit proxy to all of the internet, beside a canary at every address of this machine. */
async function open(t: TestContext, isOpen: boolean): Promise<Scene> {
  let count = 0;
  const answer = answerWith('canary');
  const canary = await serve(
    t,
    (socket) => {
      count++;
      answer(socket);
    },
    { host: '::' },
  );
  const dns = await DnsServer.start();
  t.after(() => dns.close());
  for (const [name, addresses] of Object.entries(NAMES)) dns.set(name, { addresses });
  const { ports } = await startPolicy(t, policyWith(dns.address, canary.port, isOpen));
  return { port: ports[0] ?? 0, canaryPort: canary.port, reached: () => count };
}

function policyWith(servers: string, targetPorts: number, isOpen: boolean): Policy {
  const tunnel = service('tunnel', { proxy: plugProxy() });
  const web = service('web', {
    proxy: httpProxy({ mode: 'explicit', connect: tunnel, targetPorts }),
    router: inbandRouter(),
    resolver: dnsResolver({ servers, timeoutMs: 2_000 }),
  });
  const services: readonly Service[] = [web, tunnel];
  const subnets = ['0.0.0.0/0', '::/0'];
  const internet = zone('internet', {
    subnets,
    inboundServices: services,
    outboundServices: services,
  });
  const machine = zone('machine', { subnets: ['127.0.0.0/8'], parent: internet });
  const zones = isOpen ? [internet, machine] : [internet];
  return definePolicy({ zones, listeners: [listener('127.0.0.1:0', web)] });
}

/** What a client gets for a URL, and what for CONNECT: a tunnel stays open, and so only its beginning is heard. */
async function ask({ port, canaryPort }: Scene, host: string): Promise<readonly string[]> {
  const site = `${host}:${canaryPort}`;
  const get = `GET http://${site}/ HTTP/1.1\r\nHost: ${site}\r\nConnection: close\r\n\r\n`;
  const connect = `CONNECT ${site} HTTP/1.1\r\nHost: ${site}\r\n\r\n`;
  const talks = await Promise.all([
    talk({ port, send: get }),
    talk({ port, send: connect, enoughBytes: 'HTTP/1.1 200 '.length }),
  ]);
  return talks.map(({ received }) => received.toString('latin1'));
}

describe('an explicit proxy', () => {
  it(
    'reaches no address of this machine, however it is written',
    { timeout: 60_000 },
    async (t) => {
      const scene = await open(t, false);
      for (const host of HOSTS)
        for (const answer of await ask(scene, host))
          assert.match(answer, /^HTTP\/1\.1 (?:400|403|502) /, `${host}: ${answer.slice(0, 40)}`);
      assert.equal(scene.reached(), 0);
    },
  );

  it('reaches it where a zone opens it, by the address and by a name', async (t) => {
    const scene = await open(t, true);
    for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', 'inside.example', 'mapped.example']) {
      const [page = '', tunnel = ''] = await ask(scene, host);
      assert.match(page, /^HTTP\/1\.1 200 [^]*canary$/, host);
      assert.match(tunnel, /^HTTP\/1\.1 200 /, host);
    }
    assert.equal(scene.reached(), 8);
  });
});

describe('a connection that is kept alive', () => {
  it('decides anew for another host, and gets a server connection of its own', async (t) => {
    const scene = await open(t, true);
    const { canaryPort } = scene;
    const request = (host: string): string =>
      `GET http://${host}:${canaryPort}/ HTTP/1.1\r\nHost: ${host}:${canaryPort}\r\n\r\n`;
    const hosts = ['127.0.0.1', '127.0.0.1', 'inside.example', 'private.example'];
    const { received } = await talk({
      port: scene.port,
      send: hosts.map(request).join(''),
    });
    const statuses = received.toString('latin1').match(/HTTP\/1\.1 \d+/g);
    assert.deepEqual(
      statuses,
      ['200', '200', '200', '403'].map((code) => `HTTP/1.1 ${code}`),
    );
    assert.equal(scene.reached(), 2, 'the second host shares no connection with the first');
  });

  it('goes where the router says, whatever Host claims, and connects anew for each Host', async (t) => {
    let count = 0;
    const page = answerWith('the one server');
    const server = await serve(t, (socket) => {
      count++;
      page(socket);
    });
    const seen: string[] = [];
    const web = service('web', {
      proxy: httpProxy({
        urlFilter: { blockHosts: (host) => seen.push(host) > 0 && host === 'c.example' },
      }),
      router: directedRouter({ destination: `127.0.0.1:${server.port}` }),
    });
    const subnets = ['127.0.0.0/8'];
    const zones = [zone('machine', { subnets, inboundServices: [web], outboundServices: [web] })];
    const policy = definePolicy({ zones, listeners: [listener('127.0.0.1:0', web)] });
    const [port = 0] = (await startPolicy(t, policy)).ports;
    const hosts = ['a.example', 'a.example', 'b.example', 'c.example'];
    const text = hosts.map((host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join('');
    const { received } = await talk({ port, send: text });
    const statuses = received.toString('latin1').match(/HTTP\/1\.1 \d+/g);
    assert.deepEqual(
      statuses,
      ['200', '200', '200', '403'].map((code) => `HTTP/1.1 ${code}`),
    );
    assert.deepEqual(seen, hosts);
    assert.equal(count, 2);
  });
});
