// Datagrams through a running instance: dig, socat and sockets of Node as clients, real servers behind it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { DnsServer } from '../support/dns-server.ts';
import { UdpPeer, until } from '../support/datagram-lab.ts';
import { needsDriver } from '../support/driver-needs.ts';
import type { MemoryLog } from '../support/memory-log.ts';
import { needs } from '../support/needs.ts';
import { loadedOf, startPolicy } from '../support/system-instance.ts';
import { run } from '../support/system-process.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { RunningInstance } from '../../src/instance/instance.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { receiver } from '../../src/policy/receiver.ts';
import type { ReceiverOptions } from '../../src/policy/listener-options.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import type { PlugOptions } from '../../src/protocols/plug/index.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';

/** What a test changes of the policy. */
interface Changes {
  readonly host?: '127.0.0.1' | '[::1]';
  readonly plug?: PlugOptions;
  readonly options?: ReceiverOptions;
}

/** An instance with one receiver before one server. */
class Site {
  readonly log: MemoryLog;
  readonly instance: RunningInstance;
  readonly address: SocketAddress;

  constructor(log: MemoryLog, instance: RunningInstance) {
    this.log = log;
    this.instance = instance;
    const [listening = ''] = instance.listening;
    this.address = SocketAddress.parse(listening.replace('/udp', ''));
  }

  static async open(t: TestContext, server: string, changes: Changes = {}): Promise<Site> {
    const { log, instance } = await startPolicy(t, policyFor(server, changes));
    return new Site(log, instance);
  }

  /** Waits until so many sessions have ended. */
  async records(count: number): Promise<MemoryLog['records']> {
    await until(
      `${count} records, not ${this.log.records.length}`,
      () => this.log.records.length >= count,
    );
    return this.log.records;
  }
}

function policyFor(server: string, { host = '127.0.0.1', plug, options }: Changes): Policy {
  const relay = service('relay', {
    proxy: plugProxy({ timeoutMs: 1000, ...plug }),
    router: directedRouter({ destination: server }),
  });
  const lists = { outboundServices: [relay], inboundServices: [relay] };
  const machine = zone('machine', { subnets: ['127.0.0.0/8', '::1'], ...lists });
  const listeners = [receiver(`${host}:0`, relay, { name: 'door', ...options })];
  return definePolicy({ zones: [machine], listeners });
}

async function openPeer(t: TestContext, host = '127.0.0.1'): Promise<UdpPeer> {
  const peer = await UdpPeer.open(host);
  t.after(() => peer.close());
  return peer;
}

async function echo(t: TestContext, host = '127.0.0.1'): Promise<UdpPeer> {
  const server = await openPeer(t, host);
  server.answer = (datagram) => datagram;
  return server;
}

describe('a receiver in an instance', needsDriver(), () => {
  it('lets dig ask a server of names', needs('dig'), async (t) => {
    const dns = await DnsServer.start();
    t.after(() => dns.close());
    dns.set('www.example.org', { addresses: ['192.0.2.7'] });
    const { address, log } = await Site.open(t, dns.address).then((site) => site);
    const command = [
      'dig',
      '@127.0.0.1',
      '-p',
      String(address.port),
      '+short',
      'www.example.org',
    ] as const;
    const { stdout } = await run(t, command);
    assert.equal(stdout, '192.0.2.7\n');
    await until('a record', () => log.records.length === 1);
    const [record] = log.records;
    assert.equal(record?.protocol, 'udp');
    assert.deepEqual([record.listener, record.service, record.proxy], ['door', 'relay', 'plug']);
    assert.deepEqual([record.verdict, record.reason], ['accepted', 'plug.timeout']);
    assert.deepEqual(dns.asked, ['A www.example.org']);
    assert.ok(record.bytes.fromClient > 12 && record.bytes.toServer === record.bytes.fromClient);
  });

  it('lets socat ask and hear', needs('socat'), async (t) => {
    for (const host of ['127.0.0.1', '::1'] as const) {
      const server = await openPeer(t, host);
      server.answer = (datagram) => `re: ${String(datagram)}`;
      const bracketed = host === '::1' ? '[::1]' : host;
      const site = await Site.open(t, String(server.address), { host: bracketed });
      const to = `UDP${host === '::1' ? '6' : '4'}:${String(site.address)}`;
      const { stdout } = await run(t, ['socat', '-t', '3', '-', to], 'question');
      assert.equal(stdout, 're: question');
    }
  });

  for (const host of ['127.0.0.1', '::1'] as const)
    it(`keeps the boundaries of datagrams of every size: ${host}`, async (t) => {
      const server = await echo(t, host);
      const bracketed = host === '::1' ? '[::1]' : host;
      const options = { receiveBufferBytes: 1_048_576 };
      const site = await Site.open(t, String(server.address), { host: bracketed, options });
      const client = await openPeer(t, host);
      const sizes = [0, 1, 512, 1232, 1472, 1500, 9000, 0, 32_768, 65_506, 65_507];
      for (const [index, size] of sizes.entries()) {
        await client.send(Buffer.alloc(size, index), site.address);
        await client.hears(index + 1);
      }
      assert.deepEqual(server.sizes, sizes);
      assert.deepEqual(client.sizes, sizes);
      assert.deepEqual([...new Set(client.senders)], [String(site.address)]);
      const [record] = await site.records(1);
      const total = sizes.reduce((sum, size) => sum + size);
      const { fromClient, toClient, fromServer, toServer } = record?.bytes ?? {};
      assert.deepEqual([fromClient, toClient, fromServer, toServer], Array(4).fill(total));
      assert.deepEqual(site.log.codes, []);
    });

  it(
    'has a session for each of 1000 clients, and mixes nothing up',
    { timeout: 60_000 },
    async (t) => {
      const server = await echo(t);
      const site = await Site.open(t, String(server.address), { plug: { timeoutMs: 6000 } });
      const clients: UdpPeer[] = [];
      for (let index = 0; index < 1000; index++) clients.push(await openPeer(t));
      for (const text of ['first', 'second'])
        for (let from = 0; from < clients.length; from += 50) {
          const crowd = clients.slice(from, from + 50);
          const count = (crowd[0]?.heard.length ?? 0) + 1;
          await Promise.all(
            crowd.map(async (client, index) => {
              await client.send(`${text} ${from + index}`, site.address);
              await client.hears(count);
            }),
          );
        }
      for (const [index, { heard }] of clients.entries())
        assert.deepEqual(heard, [`first ${index}`, `second ${index}`]);
      assert.equal(site.instance.sessionCount, 1000);
      const records = await site.records(1000);
      assert.ok(records.every(({ reason }) => reason === 'plug.timeout'));
      assert.equal(new Set(server.senders).size, 1000);
    },
  );

  it('turns new clients away beyond its bound, and says so once', async (t) => {
    const server = await echo(t);
    const changes = { plug: { timeoutMs: 3000 }, options: { maxSessions: 3 } };
    const site = await Site.open(t, String(server.address), changes);
    const clients: UdpPeer[] = [];
    for (let index = 0; index < 6; index++) clients.push(await openPeer(t));
    for (const client of clients) await client.send('x', site.address);
    await until(
      'three answers',
      () => clients.filter(({ heard }) => heard.length > 0).length === 3,
    );
    await site.records(3);
    assert.equal(site.instance.sessionCount, 0);
    assert.deepEqual(site.log.codes, ['receiver.exhausted', 'receiver.recovered']);
    await clients[5]?.send('again', site.address);
    await clients[5]?.hears(1);
  });

  it('ends a session whose server is gone, and begins a new one when it is back', async (t) => {
    const server = await UdpPeer.open();
    const { address } = server;
    const site = await Site.open(t, String(address), { plug: { timeoutMs: 5000 } });
    const client = await openPeer(t);
    server.close();
    await until('a closed port', () => {
      void client.send('anybody?', site.address);
      return site.log.records.length > 0;
    });
    const [record] = site.log.records;
    assert.deepEqual([record?.verdict, record?.reason], ['accepted', 'plug.server-reset']);
    const again = await UdpPeer.open('127.0.0.1', address.port);
    t.after(() => again.close());
    again.answer = () => 'here';
    await until('an answer', () => {
      void client.send('again', site.address);
      return client.heard.length > 0;
    });
    assert.ok(client.heard.every((text) => text === 'here'));
  });

  it('takes further flows of a client into its session where the policy says so', async (t) => {
    const server = await echo(t);
    const changes = { plug: { secondarySessions: 2, timeoutMs: 3000 } };
    const site = await Site.open(t, String(server.address), changes);
    const clients = [await openPeer(t), await openPeer(t), await openPeer(t), await openPeer(t)];
    for (const [index, client] of clients.entries()) {
      await client.send(`flow ${index}`, site.address);
      assert.deepEqual(await client.hears(1), [`flow ${index}`]);
    }
    assert.equal(site.instance.sessionCount, 2); // the fourth has no room in the first
    assert.equal(new Set(server.senders).size, 4);
    const records = await site.records(2);
    const related = records.map((record) => record.related.map(({ kind, port }) => [kind, port]));
    assert.deepEqual(
      related.find((flows) => flows.length > 0),
      [
        ['secondary', 'client#1'],
        ['secondary', 'client#2'],
      ],
    );
    const bytes = records
      .map((record) => record.bytes.fromClient)
      .sort((one, other) => one - other);
    assert.deepEqual(bytes, [6, 18]);
  });

  it('goes on over a reload, which may change its bound', async (t) => {
    const server = await echo(t);
    const changes = { plug: { timeoutMs: 5000 }, options: { maxSessions: 1 } };
    const site = await Site.open(t, String(server.address), changes);
    const [one, other] = [await openPeer(t), await openPeer(t)];
    await one.send('1', site.address);
    await one.hears(1);
    await site.instance.reload(
      loadedOf(policyFor(String(server.address), { options: { maxSessions: 2 } })),
    );
    await one.send('2', site.address);
    await one.hears(2);
    await other.send('3', site.address);
    await other.hears(1);
    assert.equal(site.instance.sessionCount, 2);
    assert.deepEqual(site.log.codes, []);
  });
});
