// Connections of load balancers: who their client is, what goes on of them, and what is refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { writeProxyHeader } from '../proxy/write-proxy-header.ts';
import type { FakeStream } from '../../test/support/fake-stream.ts';
import {
  BALANCER,
  CLIENT,
  ENDS,
  headerWorld,
  SERVER,
} from '../../test/support/proxy-header-world.ts';
import type { SessionWorld } from '../../test/support/session-world.ts';
import { proxyOf, serviceOf } from '../../test/support/session-world.ts';

/** A connection of a peer on which this is said, each piece by itself. */
async function heard(
  world: SessionWorld,
  pieces: readonly (string | Uint8Array)[],
  peer = BALANCER,
): Promise<FakeStream> {
  const stream = world.accept(peer);
  for (const piece of pieces) {
    stream.says(typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1'));
    await world.settle();
  }
  return stream;
}

describe('a connection of a load balancer', () => {
  for (const version of [1, 2] as const)
    it(`has the addresses of its header, version ${version}, before anything is decided`, async () => {
      const world = headerWorld();
      const header = writeProxyHeader(version, ENDS);
      const stream = await heard(world, [header, 'hello']);
      assert.equal(stream.output, '10.1.2.3:40000 203.0.113.80:80|hello');
      stream.ends();
      await world.settle();
      const [record] = world.log.records;
      assert.deepEqual(record?.client, { address: '10.1.2.3', port: 40_000, zone: 'intranet' });
      assert.deepEqual(record.clientLocal, { address: '203.0.113.80', port: 80 });
      assert.deepEqual(record.peer, { address: '10.9.9.9', port: 50_000, zone: 'balancers' });
      assert.deepEqual(world.leftovers(), []);
    });

  it('loses no byte, however it is cut', async () => {
    const bytes = Buffer.concat([writeProxyHeader(2, ENDS), Buffer.from('hello')]);
    for (let cut = 1; cut < bytes.length; cut++) {
      const world = headerWorld();
      const stream = await heard(world, [bytes.subarray(0, cut), bytes.subarray(cut)]);
      assert.equal(stream.output, '10.1.2.3:40000 203.0.113.80:80|hello', `cut at ${cut}`);
    }
    const single = headerWorld();
    const stream = await heard(
      single,
      [...bytes].map((byte) => Uint8Array.of(byte)),
    );
    assert.equal(stream.output, '10.1.2.3:40000 203.0.113.80:80|hello');
  });

  it('is refused as its client would be', async () => {
    const world = headerWorld();
    const client = SocketAddress.parse('203.0.113.9:1');
    await heard(world, [writeProxyHeader(1, { client, local: SERVER })]);
    await world.settle();
    assert.equal(world.log.records[0]?.reason, 'zone.client-unknown');
    assert.deepEqual(world.leftovers(), []);
  });

  it('speaks for itself in a health check', async () => {
    const world = headerWorld();
    await heard(world, ['PROXY UNKNOWN\r\n']);
    const [record] = world.log.records;
    assert.deepEqual([record?.client.address, record?.peer], ['10.9.9.9', null]);
    assert.equal(record?.reason, 'access.outbound');
  });

  const binary = Buffer.from(writeProxyHeader(2, ENDS));
  const unix = Buffer.from(binary);
  unix[13] = 0x31;
  const long = Buffer.from(binary);
  long.writeUInt16BE(0xffff, 14);
  const checked = Buffer.concat([binary, Buffer.from([3, 0, 4, 0, 0, 0, 0])]);
  checked.writeUInt16BE(checked.length - 16, 14);
  const faults: readonly (readonly [string, string | Uint8Array])[] = [
    ['proxy-protocol.missing', 'GET / HTTP/1.1\r\n'],
    ['proxy-protocol.malformed', 'PROXY TCP4\r\n'],
    ['proxy-protocol.unsupported', unix],
    ['proxy-protocol.too-long', long],
    ['proxy-protocol.checksum', checked],
  ];
  for (const [reason, bytes] of faults)
    it(`is reset, with a record of ${reason}`, async () => {
      const world = headerWorld();
      const stream = await heard(world, [bytes]);
      assert.deepEqual(stream.calls, ['reset']);
      const [record] = world.log.records;
      assert.deepEqual([record?.verdict, record?.reason], ['denied-by-policy', reason]);
      assert.deepEqual([record?.client.address, record?.service], ['10.9.9.9', null]);
      assert.deepEqual(world.leftovers(), []);
    });

  it('is reset if its header does not come in time', async () => {
    const world = headerWorld({ timeoutMs: 100 });
    const stream = await heard(world, ['PROXY TCP4 ']);
    world.clock.advance(99);
    await world.settle();
    assert.deepEqual([stream.calls, world.runtime.sessions.size], [[], 1]);
    world.clock.advance(1);
    await world.settle();
    assert.deepEqual(stream.calls, ['reset']);
    assert.equal(world.log.records[0]?.reason, 'proxy-protocol.timeout');
    assert.deepEqual(world.leftovers(), []);
  });

  it('may go away, and may be aborted', async () => {
    const world = headerWorld();
    const broken = await heard(world, ['PROXY']);
    broken.breaks();
    await world.settle();
    const ended = await heard(world, ['PROXY']);
    ended.ends();
    await world.settle();
    const aborted = await heard(world, []);
    world.abortAll();
    await world.settle();
    assert.deepEqual(
      world.log.records.map(({ verdict, reason }) => `${verdict} ${reason}`),
      [
        'accepted proxy-protocol.peer-lost',
        'accepted proxy-protocol.peer-lost',
        'aborted-by-policy-action over',
      ],
    );
    assert.deepEqual(aborted.calls, ['reset']);
    assert.deepEqual(world.leftovers(), []);
  });
});

describe('a connection of somebody else', () => {
  it('is reset, whatever it says', async () => {
    const world = headerWorld();
    const stream = await heard(world, [writeProxyHeader(1, ENDS)], CLIENT);
    assert.deepEqual(stream.calls, ['reset']);
    assert.equal(world.log.records[0]?.reason, 'proxy-protocol.untrusted-peer');
    assert.deepEqual(world.leftovers(), []);
  });

  it('is one of a client that connects directly, and its header is what it says', async () => {
    const world = headerWorld({ others: 'plain' });
    const stream = await heard(world, ['PROXY TCP4 '], CLIENT);
    assert.equal(stream.output, '10.1.2.3:40000 192.0.2.254:8080|PROXY TCP4 ');
    stream.ends();
    await world.settle();
    assert.equal(world.log.records[0]?.peer, null);
  });
});

describe('sendProxyProtocol of a service', () => {
  for (const version of [1, 2] as const)
    it(`begins the server connection with a header of version ${version}`, async () => {
      const onward = serviceOf('web', {
        sendProxyProtocol: version,
        proxy: proxyOf((event) => {
          if (event.type === 'started') return [{ type: 'connect', port: 'server' }];
          if (event.type !== 'connected') return [];
          return [{ type: 'send', to: 'server', bytes: Buffer.from('hello') }];
        }),
      });
      const world = headerWorld({ others: 'plain' }, onward);
      world.accept(CLIENT, {}, SERVER);
      await world.settle();
      const server = world.connected();
      await world.settle();
      const header = Buffer.from(writeProxyHeader(version, ENDS)).toString('latin1');
      assert.equal(server.output, `${header}hello`);
      world.abortAll();
      await world.settle();
    });
});
