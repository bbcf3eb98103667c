// A Stream over a connected UDP socket, against a socket of Node.
import assert from 'node:assert/strict';
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
import type { SocketAddress } from '../address/socket-address.ts';
import { peerWords } from './datagram-memory.ts';
import { openDatagramSocket } from './datagram-socket.ts';
import { DatagramStream } from './datagram-stream.ts';
import type { DatagramStreamParts, DroppedDatagrams } from './datagram-stream.ts';
import * as linux from './linux-constants.ts';

interface Scene {
  readonly peer: UdpPeer;
  readonly stream: DatagramStream;
  readonly local: SocketAddress;
  readonly gone: DroppedDatagrams[];
}

async function scene(
  host = '127.0.0.1',
  parts: Partial<DatagramStreamParts> = {},
  options: readonly (readonly [number, number, number])[] = [],
): Promise<Scene> {
  const peer = await UdpPeer.open(host);
  const system = datagramDriver();
  const opened = openDatagramSocket(system, {
    family: peer.address,
    options,
    connect: peerWords(peer.address),
  });
  assert.ok(opened.ok);
  const gone: DroppedDatagrams[] = [];
  const stream = new DatagramStream({
    system,
    descriptor: opened.descriptor,
    peer: peerWords(peer.address),
    gone: (dropped) => gone.push(dropped),
    ...parts,
  });
  return { peer, stream, local: opened.local, gone };
}

describe('a stream of datagrams', needsDriver(), () => {
  for (const host of LOOPBACKS) {
    it(`keeps every size, both ways: ${host}`, async () => {
      const { peer, stream, local, gone } = await scene(host);
      const ear = new StreamEar(stream);
      const most = host === '::1' ? 65_527 : 65_507;
      const sizes = [0, 1, 2, 1471, 1472, 1473, 8192, 40_000, most - 1, most];
      for (const [index, size] of sizes.entries()) {
        const bytes = Buffer.alloc(size, index + 1);
        await peer.send(bytes, local);
        await ear.hears(index + 1);
        stream.write(bytes);
        await peer.hears(index + 1);
      }
      assert.deepEqual(ear.sizes, sizes);
      assert.deepEqual(peer.sizes, sizes);
      stream.end();
      assert.equal(await ear.closes(), 'closed');
      assert.deepEqual(gone, [{}]);
      peer.close();
    });
  }

  it('says nothing while it is held, and loses nothing that the kernel has', async () => {
    const { peer, stream, local } = await scene();
    const ear = new StreamEar(stream);
    stream.hold('busy');
    for (const text of ['1', '2', '3']) await peer.send(text, local);
    await turns(5);
    assert.deepEqual(ear.heard, []);
    stream.release('busy');
    assert.deepEqual(await ear.hears(3), ['1', '2', '3']);
    stream.destroy();
    assert.equal(await ear.closes(), 'closed');
    peer.close();
  });

  it('stops in the middle of what is there when it is held from within', async () => {
    const { peer, stream, local } = await scene();
    const heard: string[] = [];
    const ignore = (): void => undefined;
    for (const text of ['1', '2', '3']) await peer.send(text, local);
    stream.listen({
      received: (bytes) => {
        heard.push(Buffer.from(bytes).toString());
        stream.hold('each');
      },
      ended: ignore,
      drained: ignore,
      closed: ignore,
    });
    for (const count of [1, 2, 3]) {
      await until('the next one', () => heard.length === count);
      await turns(2);
      assert.equal(heard.length, count);
      stream.release('each');
    }
    stream.destroy();
    peer.close();
  });

  it('says what was pushed before what is to be read', async () => {
    const { peer, stream, local } = await scene();
    await peer.send('second', local);
    stream.push(Buffer.from('first'));
    stream.push(Buffer.alloc(0));
    const ear = new StreamEar(stream);
    assert.deepEqual(await ear.hears(3), ['first', '', 'second']);
    stream.destroy();
    peer.close();
  });

  it('takes its turns when there is much to read', async () => {
    const { peer, stream, local } = await scene();
    for (let index = 0; index < 100; index++) await peer.send(String(index), local);
    const ear = new StreamEar(stream);
    const heard = await ear.hears(100);
    assert.deepEqual(heard, [...heard.keys()].map(String));
    stream.destroy();
    peer.close();
  });

  it('ends with the name of the error when the port of the peer is closed', async () => {
    const { peer, stream, local, gone } = await scene();
    const ear = new StreamEar(stream);
    await peer.send('last words', local);
    peer.close();
    await turns(2);
    stream.hold('busy');
    stream.write(Buffer.from('anybody?'));
    await turns(2);
    stream.release('busy');
    assert.equal(await ear.closes(), 'ECONNREFUSED');
    assert.deepEqual(ear.heard, ['last words']);
    stream.write(Buffer.from('nobody'));
    stream.end();
    stream.destroy();
    await turns(2);
    assert.equal(gone.length, 1);
  });

  it('tells the loss to a listener that comes later', async () => {
    const { peer, stream } = await scene();
    peer.close();
    stream.destroy();
    await turns(2);
    assert.equal(await new StreamEar(stream).closes(), 'closed');
  });

  it('drops what the network does not take, and goes on', async () => {
    const { peer, stream, gone } = await scene();
    const ear = new StreamEar(stream);
    stream.write(new Uint8Array(65_508)); // more than IPv4 has
    stream.write(Buffer.from('small'));
    assert.deepEqual(await peer.hears(1), ['small']);
    stream.end();
    await ear.closes();
    assert.deepEqual(gone, [{ EMSGSIZE: 1 }]);
    peer.close();
  });

  it('says nothing of strangers, unless somebody takes them', async () => {
    const taken: number[] = [];
    const system = datagramDriver();
    for (const strange of [undefined, (length: number): unknown => taken.push(length)]) {
      const peer = await UdpPeer.open();
      // As in the moment between bind and connect: the socket belongs to nobody yet.
      const family = peer.address.withPort(0);
      const opened = openDatagramSocket(system, { family, options: [], bind: peerWords(family) });
      assert.ok(opened.ok);
      const stranger = await UdpPeer.open();
      await stranger.send('forged', opened.local);
      const words = peerWords(peer.address);
      await turns(3);
      system.memory.withPeer(words, (at, length) =>
        system.libc.connect(opened.descriptor, at, length),
      );
      const gone: DroppedDatagrams[] = [];
      const stream = new DatagramStream({
        ...{ system, descriptor: opened.descriptor, peer: words },
        gone: (dropped) => gone.push(dropped),
        ...(strange === undefined ? {} : { strange: (length: number) => void strange(length) }),
      });
      const ear = new StreamEar(stream);
      await peer.send('true', opened.local);
      assert.deepEqual(await ear.hears(1), ['true']);
      stream.destroy();
      assert.deepEqual(gone, [strange === undefined ? { stranger: 1 } : {}]);
      for (const one of [peer, stranger]) one.close();
    }
    assert.deepEqual(taken, ['forged'.length]);
  });

  it('gives its descriptor back', async () => {
    const before = readdirSync('/proc/self/fd').length;
    for (let count = 0; count < 10; count++) {
      const { peer, stream } = await scene();
      const ear = new StreamEar(stream);
      if (count % 2 === 0) stream.destroy();
      else stream.end();
      await ear.closes();
      peer.close();
    }
    await turns(5);
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('queues what the socket does not take, in bounds, and drops the newest', () => {
    const sent: number[] = [];
    let isFull = true;
    const { memory, libc } = datagramDriver();
    const register = (): number => 0;
    const driver = { register, forget: () => undefined, soon: () => undefined };
    const pipe = {
      ...{ receive: () => -linux.EAGAIN, isFrom: () => true },
      send: (_: number, bytes: Uint8Array) => {
        if (isFull) return linux.EAGAIN;
        sent.push(bytes.length);
        return 0;
      },
    };
    const system = {
      libc: { ...libc, close: () => 0 },
      driver,
      memory: Object.assign(Object.create(memory) as typeof memory, pipe),
    };
    const gone: DroppedDatagrams[] = [];
    const stream = new DatagramStream({
      ...{ system, descriptor: 0, peer: new Int32Array(7) },
      gone: (dropped) => gone.push(dropped),
    });
    for (let size = 0; size < 300; size++) assert.equal(stream.write(new Uint8Array(size)), true);
    stream.ready(linux.EPOLLOUT);
    assert.deepEqual(sent, []);
    stream.end();
    assert.deepEqual(gone, []); // what was written is waited for
    isFull = false;
    stream.ready(linux.EPOLLOUT);
    assert.deepEqual(sent, [...Array(256).keys()]);
    assert.deepEqual(gone, [{ 'queue-full': 44 }]);
  });
});
