// Datagrams through the memory of the process, over real sockets.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { datagramDriver, LOOPBACKS, until, UdpPeer } from '../../test/support/datagram-lab.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { MAX_DATAGRAM_BYTES, peerWords } from './datagram-memory.ts';
import { openDatagramSocket } from './datagram-socket.ts';
import * as linux from './linux-constants.ts';

describe('the memory of datagrams', needsDriver(), () => {
  const descriptors: number[] = [];
  after(() => {
    for (const descriptor of descriptors) datagramDriver().libc.close(descriptor);
  });

  function open(
    host: string,
    connect?: SocketAddress,
  ): { descriptor: number; local: SocketAddress } {
    const at = SocketAddress.of(host, 0);
    const isIpv4 = at.address.family === 'ipv4';
    const opened = openDatagramSocket(datagramDriver(), {
      family: at,
      options: [
        isIpv4 ? [linux.SOL_IP, linux.IP_PKTINFO, 1] : [linux.SOL_IPV6, linux.IPV6_RECVPKTINFO, 1],
      ],
      bind: peerWords(at),
      connect: connect === undefined ? undefined : peerWords(connect),
    });
    assert.ok(opened.ok);
    descriptors.push(opened.descriptor);
    return opened;
  }

  async function receive(descriptor: number): Promise<number> {
    let length = -linux.EAGAIN;
    await until('a datagram', () => {
      length = datagramDriver().memory.receive(descriptor);
      return length !== -linux.EAGAIN;
    });
    return length;
  }

  for (const host of LOOPBACKS) {
    it(`receives bytes, who sent them and where they went: ${host}`, async () => {
      const { memory } = datagramDriver();
      const { descriptor, local } = open(host);
      assert.equal(memory.receive(descriptor), -linux.EAGAIN);
      const peer = await UdpPeer.open(host);
      await peer.send('hello', local);
      const length = await receive(descriptor);
      assert.equal(Buffer.from(memory.received(length)).toString(), 'hello');
      assert.equal(String(memory.source), String(peer.address));
      assert.equal(memory.isTruncated, false);
      const words = peerWords(peer.address);
      assert.ok(memory.isFrom(words));
      assert.ok(memory.isFrom(memory.copySource()));
      assert.equal(memory.isFrom(peerWords(peer.address.withPort(1))), false);
      assert.equal(memory.isFrom(peerWords(SocketAddress.parse('192.0.2.1:1'))), false);
      const { address, port, interfaceIndex, isBroadcast } = memory.destination;
      assert.equal(String(address), host);
      assert.deepEqual([port, interfaceIndex, isBroadcast], [undefined, 1, false]); // lo is always the first
      peer.close();
    });

    it(`sends what has just been received, and anything else: ${host}`, async () => {
      const { memory } = datagramDriver();
      const peer = await UdpPeer.open(host);
      const { descriptor, local } = open(host, peer.address);
      await peer.send('echo', local);
      const length = await receive(descriptor);
      assert.equal(memory.send(descriptor, memory.received(length)), 0);
      assert.equal(memory.send(descriptor, Buffer.from('other')), 0);
      assert.equal(memory.send(descriptor, new Uint8Array(0)), 0);
      assert.deepEqual(await peer.hears(3), ['echo', 'other', '']);
      assert.equal(memory.send(descriptor, new Uint8Array(MAX_DATAGRAM_BYTES + 1)), linux.EMSGSIZE);
      peer.close();
    });
  }
});
