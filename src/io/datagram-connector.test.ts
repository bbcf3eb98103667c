// The server side over UDP: local addresses and ports as for TCP, and what a server does.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { datagramDriver, LOOPBACKS, StreamEar, UdpPeer } from '../../test/support/datagram-lab.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { turns } from '../../test/support/stream-recorder.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { ConnectRequest, ConnectResult } from '../session/outside.ts';
import { DatagramConnector } from './datagram-connector.ts';
import { DescriptorBudget } from './descriptor-budget.ts';
import { needs } from '../../test/support/needs.ts';

const dropped: string[] = [];
const budget = new DescriptorBudget({ limit: 10_000, openAtStart: 0 });

function connectorWith(randomBelow?: (bound: number) => number): DatagramConnector {
  return new DatagramConnector({
    system: datagramDriver(),
    budget,
    dropped: (server, counts) => dropped.push(`${String(server)} ${JSON.stringify(counts)}`),
    ...(randomBelow === undefined ? {} : { randomBelow }),
  });
}

function connect(
  remote: SocketAddress,
  more: Partial<ConnectRequest> = {},
  connector = connectorWith(),
): Promise<ConnectResult> {
  const usual = { remote, local: undefined, localLoose: false, localRandom: false };
  return new Promise((done) => {
    connector.connect({ protocol: 'udp', ...usual, timeoutMs: 1000, ...more }, done);
  });
}

async function connected(
  ...parameters: Parameters<typeof connect>
): Promise<Extract<ConnectResult, { ok: true }>> {
  const result = await connect(...parameters);
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result;
}

describe('the connector for datagrams', needsDriver(), () => {
  for (const host of LOOPBACKS) {
    it(`connects at once, and datagrams go both ways: ${host}`, async () => {
      const server = await UdpPeer.open(host);
      server.answer = (datagram) => `re: ${String(datagram)}`;
      const free = budget.free;
      const { stream, local } = await connected(server.address);
      const ear = new StreamEar(stream);
      stream.write(Buffer.from('question'), 'given');
      assert.deepEqual(await ear.hears(1), ['re: question']);
      assert.deepEqual(server.senders, [String(local)]);
      assert.equal(budget.free, free - 1);
      stream.destroy();
      assert.equal(budget.free, free);
      server.close();
    });
  }

  it('comes from the address and the port that it is told to', async () => {
    const server = await UdpPeer.open();
    const other = await UdpPeer.open();
    const connector = connectorWith();
    const local = SocketAddress.parse('127.0.0.7:34567');
    const one = await connected(server.address, { local }, connector);
    assert.equal(String(one.local), '127.0.0.7:34567');
    // The same port leads to another server, too; the same two ends are taken.
    const two = await connected(other.address, { local }, connector);
    assert.equal(String(two.local), '127.0.0.7:34567');
    const three = await connect(server.address, { local }, connector);
    assert.deepEqual(three, { ok: false, error: 'EADDRINUSE' });
    one.stream.destroy();
    const four = await connected(server.address, { local }, connector);
    for (const { stream } of [two, four]) stream.destroy();
    const fromAny = await connected(server.address, { local: local.withPort(0) }, connector);
    assert.equal(String(fromAny.local.address), '127.0.0.7');
    fromAny.stream.destroy();
    for (const peer of [server, other]) peer.close();
  });

  it('takes another port of the group where the one that is hinted at is in use', async () => {
    const server = await UdpPeer.open();
    const local = SocketAddress.parse('127.0.0.7:45678');
    const loose = { local, localLoose: true };
    const one = await connected(server.address, loose);
    const two = await connected(server.address, loose);
    assert.deepEqual([one.local.port, two.local.port], [45_678, 45_679]);
    for (const { stream } of [one, two]) stream.destroy();
    const draws = [0, 20_000];
    const random = connectorWith(() => draws.shift() ?? 30_000);
    const three = await connected(server.address, { local, localRandom: true }, random);
    assert.ok(three.local.port === 1024 || three.local.port === 21_024);
    three.stream.destroy();
    server.close();
  });

  it('comes from an address of somebody else, with the privilege', needs('root'), async () => {
    for (const [text, host] of [
      ['192.0.2.7:0', '127.0.0.1'],
      ['[2001:db8::7]:0', '::1'],
    ] as const) {
      const server = await UdpPeer.open(host);
      const { stream, local } = await connected(server.address, {
        local: SocketAddress.parse(text),
      });
      assert.equal(String(local.withPort(0)), text);
      stream.write(Buffer.from('forged'), 'given');
      await server.hears(1);
      assert.deepEqual(server.senders, [String(local)]);
      stream.destroy();
      server.close();
    }
  });

  it('marks its packets, with the privilege', needs('root'), async () => {
    const set: string[] = [];
    const real = datagramDriver();
    const setsockopt: typeof real.libc.setsockopt = (...parameters) => {
      const [, level, name] = parameters;
      const result = real.libc.setsockopt(...parameters);
      set.push(`${level} ${name} ${result}`);
      return result;
    };
    const system = { ...real, libc: { ...real.libc, setsockopt } };
    for (const host of LOOPBACKS) {
      const server = await UdpPeer.open(host);
      const connector = new DatagramConnector({ system, budget, dropped: () => undefined });
      const { stream } = await connected(
        server.address,
        { mark: 0x4000_0000, tos: 0x10 },
        connector,
      );
      stream.destroy();
      server.close();
    }
    assert.deepEqual(set, ['1 36 0', '0 1 0', '1 36 0', '41 67 0']);
  });

  it('fails with a code', async () => {
    const somewhere = SocketAddress.parse('127.0.0.1:9');
    const before = readdirSync('/proc/self/fd').length;
    const own = { local: SocketAddress.parse('127.0.0.1:34999') };
    const own2 = SocketAddress.parse('127.0.0.1:34999');
    assert.deepEqual(await connect(own2, own), { ok: false, error: 'ECONNREFUSED' });
    const broadcast = SocketAddress.parse('255.255.255.255:9');
    const result = await connect(broadcast);
    assert.ok(!result.ok && ['EACCES', 'ENETUNREACH'].includes(result.error));
    const otherFamily = await connect(somewhere, { local: SocketAddress.parse('[::1]:0') });
    assert.equal(otherFamily.ok, false);
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('tells that nobody is there as the loss of the stream', async () => {
    const server = await UdpPeer.open();
    const { address } = server;
    server.close();
    await turns(3);
    const { stream } = await connected(address);
    const ear = new StreamEar(stream);
    stream.write(Buffer.from('anybody?'), 'given');
    assert.equal(await ear.closes(), 'ECONNREFUSED');
  });

  it('gives up, and tells what was dropped', async () => {
    const server = await UdpPeer.open();
    const free = budget.free;
    const usual = { local: undefined, localLoose: false, localRandom: false, timeoutMs: 1 };
    const giveUp = connectorWith().connect({ remote: server.address, ...usual }, () =>
      assert.fail('it was given up'),
    );
    giveUp();
    await turns(3);
    assert.equal(budget.free, free);
    const { stream } = await connected(server.address);
    stream.write(new Uint8Array(65_508), 'given');
    stream.destroy();
    assert.deepEqual(dropped, [`${String(server.address)} {"EMSGSIZE":1}`]);
    server.close();
  });
});
