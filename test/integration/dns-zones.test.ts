// Zones by host name with a real DNS server: who gets through follows what it says.
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { NameSettings } from '../../src/instance/live-policies.ts';
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
import type { Policy } from '../../src/index.ts';
import { DnsServer } from '../support/dns-server.ts';
import type { RunningPolicy } from '../support/system-instance.ts';
import { loadedOf, startPolicy } from '../support/system-instance.ts';
import { policyPath } from '../support/system-policy.ts';
import { answerWith, serve, talk } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp } from '../support/system-zorp.ts';

/** A test has neither a minute nor addresses that are not of this machine. */
const QUICK: NameSettings = {
  times: { minMs: 20, maxMs: 20, graceMs: 60_000 },
  refuse: () => undefined,
};

async function startDns(t: TestContext): Promise<DnsServer> {
  const dns = await DnsServer.start();
  t.after(() => dns.close());
  return dns;
}

async function start(
  t: TestContext,
  policy: Policy,
): Promise<RunningPolicy & { readonly port: number }> {
  const running = await startPolicy(t, policy, { names: QUICK });
  return { ...running, port: running.ports[0] ?? 0 };
}

/** A plug to a server that says hello, for clients in the zone of staff.example. */
async function staffPolicy(t: TestContext, dns: DnsServer): Promise<Policy> {
  const { port } = await serve(t, (socket) => socket.resume().end('hello'));
  const router = directedRouter({ destination: `127.0.0.1:${port}` });
  const plug = service('plug', { proxy: plugProxy(), router });
  const staff = zone('staff', { hostnames: ['staff.example'], outboundServices: [plug] });
  const machine = zone('machine', { subnets: ['127.0.0.0/8'], inboundServices: [plug] });
  return definePolicy({
    zones: [staff, machine],
    listeners: [listener('127.0.0.1:0', plug)],
    zoneResolver: dnsResolver({ servers: dns.address }),
  });
}

/** Asks the server of names itself, and waits for the answer: whatever was sent before has come by then. */
async function askBehindAll(t: TestContext, dns: DnsServer): Promise<void> {
  const last = new Resolver();
  last.setServers([dns.address]);
  t.after(() => last.cancel());
  await assert.rejects(last.resolve4('behind-all.example'), { code: 'ENOTFOUND' });
}

/** Whether a client from an address gets through. */
async function isServed(port: number, from: string): Promise<boolean> {
  return (await talk({ port, from })).received.toString() === 'hello';
}

describe('a zone by host name', () => {
  it('permits the addresses that the name has now, and no others', async (t) => {
    const dns = await startDns(t);
    dns.set('staff.example', { addresses: ['127.0.0.2'], ttl: 0 });
    const { port } = await start(t, await staffPolicy(t, dns));
    assert.equal(await isServed(port, '127.0.0.2'), true, 'the first answer was waited for');
    assert.equal(await isServed(port, '127.0.0.3'), false);
    dns.set('staff.example', { addresses: ['127.0.0.3'], ttl: 0 });
    await until('127.0.0.3 gets through', () => isServed(port, '127.0.0.3'));
    assert.equal(await isServed(port, '127.0.0.2'), false);
  });

  it('keeps the last addresses while DNS fails, and has none when the name is gone', async (t) => {
    const dns = await startDns(t);
    dns.set('staff.example', { addresses: ['127.0.0.2'], ttl: 0 });
    const { log, port } = await start(t, await staffPolicy(t, dns));
    dns.set('staff.example', { failure: 'servfail' });
    await log.next('policy.names-kept');
    assert.equal(await isServed(port, '127.0.0.2'), true);
    dns.table.delete('staff.example');
    await until('the name is gone', async () => !(await isServed(port, '127.0.0.2')));
  });

  it('asks no more once the instance has ended', async (t) => {
    const dns = await startDns(t);
    dns.set('staff.example', { addresses: ['127.0.0.2'], ttl: 0 });
    const { instance } = await start(t, await staffPolicy(t, dns));
    await until('a second question', () => dns.asked.length > 2);
    await instance.drain(1_000);
    await askBehindAll(t, dns);
    const count = dns.asked.length;
    await pause(100); // five times as long as it took to ask again: nothing is what must come
    assert.equal(dns.asked.length, count);
  });
});

/** A client that keeps its connection to an explicit proxy. */
class KeptClient {
  readonly #socket: Socket;
  #text = '';

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy()); // an instance that ends at once resets it
    socket.on('data', (bytes) => {
      this.#text += bytes.toString('latin1');
    });
  }

  static async open(t: TestContext, port: number): Promise<KeptClient> {
    const socket = connect({ port, host: '127.0.0.1' });
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return new KeptClient(socket);
  }

  /** The status of one more answer. */
  async get(url: string): Promise<string> {
    this.#text = '';
    this.#socket.write(`GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
    return until('an answer', () => /^HTTP\/1\.1 (\d+)[^]*\r\n\r\n[^]/.exec(this.#text)?.[1]);
  }
}

describe('a session that runs for long', () => {
  it('finds servers in the zones of now, also after a reload', async (t) => {
    const dns = await startDns(t);
    dns.set('site.example', { addresses: ['127.0.0.4'], ttl: 0 });
    const { port: serverPort } = await serve(t, answerWith('page'), { host: '0.0.0.0' });
    const proxy = httpProxy({ mode: 'explicit', targetPorts: [serverPort] });
    const web = service('web', { proxy, router: inbandRouter() });
    const site = zone('site', { hostnames: ['site.example'], inboundServices: [web] });
    const machine = zone('machine', { subnets: ['127.0.0.0/8'], outboundServices: [web] });
    const listeners = [listener('127.0.0.1:0', web, { name: 'door' })];
    const zoneResolver = dnsResolver({ servers: dns.address });
    const policy = definePolicy({ zones: [site, machine], listeners, zoneResolver });
    const { instance, log, port } = await start(t, policy);
    // Whoever has asked for nothing before the reload has one request under the policy of before.
    const [second, third] = [await KeptClient.open(t, port), await KeptClient.open(t, port)];
    const client = await KeptClient.open(t, port);
    const urls = ['127.0.0.4', '127.0.0.5'].map((host) => `http://${host}:${serverPort}/`);
    const [old = '', moved = ''] = urls;
    assert.equal(await client.get(old), '200');
    const plain = definePolicy({ zones: [machine], listeners });
    await instance.reload(loadedOf(plain, 'b'));
    dns.set('site.example', { addresses: ['127.0.0.5'], ttl: 0 });
    await until('the new address', () =>
      log.lines.some(({ fields }) => fields?.['addresses'] === '127.0.0.5'),
    );
    assert.equal(await second.get(moved), '200');
    assert.equal(await third.get(old), '403');
  });
});

describe('zorp run', () => {
  it('lets DNS put no address of this machine into a zone', async (t) => {
    const dns = await startDns(t);
    dns.set('staff.example', { addresses: ['127.0.0.1'] });
    const file = policyPath(t);
    writeFileSync(
      file,
      `import { definePolicy, dnsResolver, listener, plugProxy, service, zone } from 'zorp';
const plug = service('plug', { proxy: plugProxy() });
export default definePolicy({
  zones: [zone('staff', { hostnames: ['staff.example'], outboundServices: [plug] })],
  listeners: [listener('127.0.0.1:0', plug)],
  zoneResolver: dnsResolver({ servers: '${dns.address}' }),
});
`,
    );
    const zorp = await RunningZorp.start(t, file);
    const line = zorp.lines.find(({ code }) => code === 'policy.names-dropped');
    assert.equal(line?.fields?.['address'], '127.0.0.1');
    assert.equal((await talk({ port: zorp.port })).received.length, 0);
    const { reason, client } = await zorp.record();
    assert.deepEqual([reason, client.zone], ['zone.client-unknown', null]);
  });
});
