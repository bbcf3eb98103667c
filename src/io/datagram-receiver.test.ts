// UDP ports over real sockets: a session of each client, answers from where it sent to, bounds, and what is ignored.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  datagramDriver,
  LOOPBACKS,
  StreamEar,
  UdpPeer,
  until,
} from '../../test/support/datagram-lab.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { turns } from '../../test/support/stream-recorder.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { Accepted } from '../session/outside.ts';
import { peerWords } from './datagram-memory.ts';
import { DatagramReceivers } from './datagram-receiver.ts';
import { openDatagramSocket } from './datagram-socket.ts';
import type { DatagramDriver } from './datagram-stream.ts';
import { DescriptorBudget } from './descriptor-budget.ts';
import type { Listening } from './listener.ts';
import { ListenError } from './listener.ts';

/** A port, and everything that came of it. */
class Port {
  readonly accepted: Accepted[] = [];
  readonly said: string[] = [];
  readonly ears = new Map<string, StreamEar>();
  readonly budget = new DescriptorBudget({ limit: 10_000, openAtStart: 0 });
  readonly receivers: DatagramReceivers;
  readonly listening: Listening;
  maxSessions = 4096;

  constructor(bind: string, system: DatagramDriver = datagramDriver(), transparent = false) {
    this.receivers = new DatagramReceivers(system, this.budget);
    this.listening = this.open(bind, transparent);
  }

  open(bind: string, transparent = false): Listening {
    return this.receivers.open(
      SocketAddress.parse(bind),
      { transparent, receiveBufferBytes: 1_048_576, maxSessions: () => this.maxSessions },
      {
        accepted: (connection) => {
          this.accepted.push(connection);
          this.ears.set(String(connection.clientAddress), new StreamEar(connection.stream));
        },
        exhausted: (shortage) => this.said.push(`exhausted ${shortage}`),
        recovered: ({ dropped }) => this.said.push(`recovered ${dropped}`),
        dropped: (client, dropped) =>
          this.said.push(`${String(client)} ${JSON.stringify(dropped)}`),
        failed: (error) => this.said.push(error),
      },
    );
  }

  get address(): SocketAddress {
    return this.listening.address;
  }

  /** What the session of a client has heard, when it has heard so much. */
  async hears(client: UdpPeer, count: number): Promise<readonly string[]> {
    await until('a session', () => this.ears.has(String(client.address)));
    return this.ears.get(String(client.address))?.hears(count) ?? [];
  }

  close(): void {
    this.listening.close();
    for (const { stream } of this.accepted) stream.destroy();
  }
}

describe('a receiver', needsDriver(), () => {
  for (const host of LOOPBACKS) {
    const bind = host === '::1' ? '[::1]:0' : `${host}:0`;

    it(`makes a session of each client, which hears all of it and answers: ${bind}`, async () => {
      const port = new Port(bind);
      const [one, other] = [await UdpPeer.open(host), await UdpPeer.open(host)];
      await one.send('1', port.address);
      await other.send('a', port.address);
      await one.send('', port.address);
      await one.send('2', port.address);
      assert.deepEqual(await port.hears(one, 3), ['1', '', '2']);
      assert.deepEqual(await port.hears(other, 1), ['a']);
      assert.equal(port.accepted.length, 2);
      const [first] = port.accepted;
      assert.equal(String(first?.clientAddress), String(one.address));
      assert.equal(String(first?.clientLocal), String(port.address));
      assert.equal(first?.interfaceIndex, 1); // lo is always the first
      first.stream.write(Buffer.from('answer'), 'given');
      first.stream.write(Buffer.alloc(0), 'given');
      assert.deepEqual(await one.hears(2), ['answer', '']);
      assert.deepEqual(one.senders[0], String(port.address));
      assert.deepEqual(other.heard, []);
      port.close();
      for (const peer of [one, other]) peer.close();
      assert.deepEqual(port.said, []);
    });

    it(`knows on all addresses which of them a client meant: ${bind}`, async () => {
      const port = new Port(host === '::1' ? '[::]:0' : '0.0.0.0:0');
      const client = await UdpPeer.open(host);
      const places = host === '::1' ? ['::1'] : ['127.0.0.1', '127.0.0.2', '127.1.2.3'];
      for (const place of places)
        await client.send(place, SocketAddress.of(place, port.address.port));
      await until('the sessions', () => port.accepted.length === places.length);
      const locals = port.accepted.map(({ clientLocal }) => String(clientLocal.address));
      assert.deepEqual(locals.sort(), [...places].sort());
      for (const { stream, clientLocal } of port.accepted)
        stream.write(Buffer.from(String(clientLocal.address)), 'given');
      await client.hears(places.length);
      const expected = places.map((place) => String(SocketAddress.of(place, port.address.port)));
      assert.deepEqual(client.senders.sort(), expected.sort());
      port.close();
      client.close();
    });
  }

  it('begins anew with a client whose session has ended', async () => {
    const port = new Port('127.0.0.1:0');
    const client = await UdpPeer.open();
    await client.send('1', port.address);
    await port.hears(client, 1);
    port.accepted[0]?.stream.end();
    await client.send('2', port.address);
    await until('another session', () => port.accepted.length === 2);
    assert.deepEqual(await port.hears(client, 1), ['2']);
    port.close();
    client.close();
  });

  it('loses, mixes up and repeats nothing of many clients that begin at once', async () => {
    const port = new Port('127.0.0.1:0');
    const clients = await Promise.all(Array.from({ length: 100 }, () => UdpPeer.open()));
    for (const text of ['1', '2', '3'])
      await Promise.all(clients.map((client) => client.send(text, port.address)));
    for (const client of clients) assert.deepEqual(await port.hears(client, 3), ['1', '2', '3']);
    assert.equal(port.accepted.length, 100);
    port.close();
    for (const client of clients) client.close();
    assert.deepEqual(port.said, []);
  });

  it('gives what others sent into the new socket of a client to their own sessions', async () => {
    // Another client sends between the bind and the connect of the socket for the first one.
    const [client, other] = [await UdpPeer.open(), await UdpPeer.open()];
    const real = datagramDriver();
    const scene: { port?: Port } = {};
    let isDone = false;
    const rawClient = openDatagramSocket(real, {
      family: other.address,
      options: [],
      bind: peerWords(SocketAddress.parse('127.0.0.1:0')),
    });
    assert.ok(rawClient.ok);
    const connect = (descriptor: number, address: number, length: number): number => {
      const at = scene.port?.address;
      if (at !== undefined && !isDone) {
        isDone = true;
        // withPeer uses the same memory as the call that is under way: the address is put there again afterwards.
        const target = peerWords(client.address);
        real.memory.withPeer(peerWords(at), (where, size) =>
          real.libc.connect(rawClient.descriptor, where, size),
        );
        assert.equal(real.memory.send(rawClient.descriptor, Buffer.from('stray')), 0);
        return real.memory.withPeer(target, (where, size) =>
          real.libc.connect(descriptor, where, size),
        );
      }
      return real.libc.connect(descriptor, address, length);
    };
    const port = new Port('127.0.0.1:0', { ...real, libc: { ...real.libc, connect } });
    scene.port = port;
    await client.send('own', port.address);
    assert.deepEqual(await port.hears(client, 1), ['own']);
    await until('the other session', () => port.accepted.length === 2);
    const stray = port.accepted[1];
    assert.equal(String(stray?.clientAddress), String(rawClient.local));
    await turns(3);
    assert.deepEqual(port.ears.get(String(rawClient.local))?.heard, ['stray']);
    assert.deepEqual(await port.hears(client, 1), ['own']);
    real.libc.close(rawClient.descriptor);
    port.close();
    for (const peer of [client, other]) peer.close();
  });

  it('has no more sessions than it may, says so once for a crowd, and recovers', async () => {
    const port = new Port('127.0.0.1:0');
    port.maxSessions = 2;
    const clients = await Promise.all(Array.from({ length: 5 }, () => UdpPeer.open()));
    for (const client of clients) await client.send('x', port.address);
    await until('a shortage', () => port.said.length > 0);
    await turns(3);
    assert.equal(port.accepted.length, 2);
    assert.deepEqual(port.said, ['exhausted sessions']);
    const [first] = port.accepted;
    const inside = clients.find(({ address }) => address.equals(first?.clientAddress ?? address));
    await inside?.send('y', port.address); // those who are in stay
    await until(
      'the second one',
      () => port.ears.get(String(first?.clientAddress))?.heard.length === 2,
    );
    first?.stream.end();
    assert.deepEqual(port.said, ['exhausted sessions', 'recovered 3']);
    await clients[4]?.send('z', port.address);
    await until('a new session', () => port.accepted.length === 3);
    port.close();
    for (const client of clients) client.close();
  });

  it('takes and gives back descriptors', async () => {
    const before = readdirSync('/proc/self/fd').length;
    const port = new Port('127.0.0.1:0');
    const free = port.budget.free;
    const client = await UdpPeer.open();
    await client.send('x', port.address);
    await port.hears(client, 1);
    assert.equal(port.budget.free, free - 2);
    port.close();
    client.close();
    await turns(3);
    assert.equal(port.budget.free, free);
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('goes on with its sessions when it is closed, and may be opened again', async () => {
    const port = new Port('127.0.0.1:0');
    const client = await UdpPeer.open();
    await client.send('1', port.address);
    await port.hears(client, 1);
    port.listening.close();
    port.listening.close();
    await client.send('2', port.address);
    assert.deepEqual(await port.hears(client, 2), ['1', '2']);
    const again = port.open(String(port.address));
    const next = await UdpPeer.open();
    await next.send('new', again.address);
    assert.deepEqual(await port.hears(next, 1), ['new']);
    again.close();
    port.close();
    for (const peer of [client, next]) peer.close();
  });

  it('finds out that another program has the port, whatever that one permits', async () => {
    const other = createSocket({ type: 'udp4', reuseAddr: true });
    await new Promise<void>((done) => other.bind(0, '127.0.0.1', done));
    const { port } = other.address();
    assert.throws(
      () => new Port(`127.0.0.1:${port}`),
      (error) => {
        assert.ok(error instanceof ListenError);
        assert.equal(error.code, 'EADDRINUSE');
        return true;
      },
    );
    other.close();
    const own = new Port('127.0.0.1:0');
    assert.throws(() => own.open(String(own.address)), { code: 'EADDRINUSE' });
    own.close();
    assert.throws(() => new Port('192.0.2.1:53'), /no interface of this machine has the address/);
  });

  it('ignores whom nobody could answer', async () => {
    const port = new Port('0.0.0.0:0');
    const client = await UdpPeer.open('0.0.0.0');
    client.socket.setBroadcast(true);
    client.socket.setMulticastLoopback(true);
    await client.send('all', SocketAddress.parse(`127.255.255.255:${port.address.port}`));
    await client.send('one', SocketAddress.parse(`127.0.0.1:${port.address.port}`));
    await until('a session', () => port.accepted.length > 0);
    await turns(3);
    assert.deepEqual(
      port.accepted.map(({ clientLocal }) => String(clientLocal.address)),
      ['127.0.0.1'],
    );
    port.close();
    client.close();
  });

  it('says once that the system gives no sockets, and that again after it did', async () => {
    const real = datagramDriver();
    let refuses = true;
    const libc = {
      ...real.libc,
      connect: (...parameters: [number, number, number]): number =>
        refuses ? real.libc.close(-1) : real.libc.connect(...parameters),
    };
    const port = new Port('127.0.0.1:0', { ...real, libc });
    const client = await UdpPeer.open();
    for (const text of ['1', '2']) await client.send(text, port.address);
    await until('a failure', () => port.said.length > 0);
    await turns(3);
    assert.deepEqual(port.said, ['EBADF']);
    refuses = false;
    await client.send('3', port.address);
    assert.deepEqual(await port.hears(client, 1), ['3']);
    port.close();
    client.close();
  });

  it('tells what was dropped of a session', async () => {
    const port = new Port('127.0.0.1:0');
    const client = await UdpPeer.open();
    await client.send('x', port.address);
    await port.hears(client, 1);
    port.accepted[0]?.stream.write(new Uint8Array(65_508), 'given');
    port.close();
    assert.deepEqual(port.said, [`${String(client.address)} {"EMSGSIZE":1}`]);
    client.close();
  });
});
