import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { ServerEncryption } from '../policy/encryption.ts';
import { serverOnlyEncryption } from '../policy/encryption.ts';
import type { ConnectRequest } from './outside.ts';
import {
  MAX_IDLE_IN_ALL,
  MAX_IDLE_MS,
  MAX_IDLE_PER_SERVER,
  poolKeyOf,
  ServerPool,
} from './server-pool.ts';

const local = SocketAddress.parse('192.0.2.1:50000');

function lentTo(pool: ServerPool, key: string): FakeStream {
  const stream = new FakeStream();
  pool.lend(key, { stream, local });
  return stream;
}

function made(): { readonly clock: ManualClock; readonly pool: ServerPool } {
  const clock = new ManualClock();
  return { clock, pool: new ServerPool(clock) };
}

function request(changes: Partial<ConnectRequest> = {}): ConnectRequest {
  const remote = SocketAddress.parse('198.51.100.1:80');
  const plain = { local: undefined, localLoose: false, localRandom: false, timeoutMs: 1_000 };
  return { remote, ...plain, ...changes };
}

describe('a pool of server connections', () => {
  it('gives the connection that was given back last, and each once', () => {
    const { pool } = made();
    const [first, second] = [lentTo(pool, 'a'), lentTo(pool, 'a')];
    pool.giveBack(first);
    pool.giveBack(second);
    assert.equal(pool.take('a')?.stream, second);
    assert.deepEqual(pool.take('a'), { stream: first, local });
    assert.equal(pool.take('a'), undefined);
    assert.deepEqual([first.calls, second.calls], [[], []]);
    assert.deepEqual(first.holds, ['no-listener'], 'nobody reads it before it has a listener');
  });

  it('gives nobody the connection of another key', () => {
    const { pool } = made();
    pool.giveBack(lentTo(pool, 'a'));
    assert.equal(pool.take('b'), undefined);
    assert.equal(pool.size, 1);
  });

  it('closes what was never lent', () => {
    const { pool } = made();
    const stream = new FakeStream();
    pool.giveBack(stream);
    assert.deepEqual([stream.calls, pool.size], [['destroy'], 0]);
  });

  for (const [what, happens] of [
    ['says anything', (stream: FakeStream) => stream.says('HTTP/1.1 200 OK\r\n\r\n').settle()],
    ['ends', (stream: FakeStream) => stream.ends().settle()],
    ['breaks', (stream: FakeStream) => stream.breaks().settle()],
    ['has said something that nobody heard yet', (stream: FakeStream) => stream.says('x')],
  ] as const) {
    it(`never gives one whose server ${what}`, () => {
      const { pool } = made();
      const stream = lentTo(pool, 'a');
      pool.giveBack(stream);
      happens(stream);
      assert.equal(pool.take('a'), undefined);
      assert.deepEqual([stream.calls, pool.size], [['destroy'], 0]);
      stream.settle();
      assert.equal(pool.size, 0);
    });
  }

  it('closes the oldest for a server that has as many as it may have', () => {
    const { pool } = made();
    const streams = Array.from({ length: MAX_IDLE_PER_SERVER + 1 }, () => lentTo(pool, 'a'));
    for (const stream of streams) pool.giveBack(stream);
    const closed = streams.filter(({ calls }) => calls.length > 0);
    assert.deepEqual([pool.size, closed], [MAX_IDLE_PER_SERVER, streams.slice(0, 1)]);
  });

  it('closes what comes when there are as many as there may be', () => {
    const { pool } = made();
    for (let index = 0; index < MAX_IDLE_IN_ALL; index++)
      pool.giveBack(lentTo(pool, `key ${index}`));
    const last = lentTo(pool, 'last');
    pool.giveBack(last);
    assert.deepEqual([pool.size, last.calls], [MAX_IDLE_IN_ALL, ['destroy']]);
  });

  it('closes each when its time is over, and has no timer when there is none', () => {
    const { clock, pool } = made();
    const [first, second] = [lentTo(pool, 'a'), lentTo(pool, 'b')];
    pool.giveBack(first);
    clock.advance(MAX_IDLE_MS - 1);
    pool.giveBack(second);
    clock.advance(1);
    assert.deepEqual([first.calls, second.calls, pool.size], [['destroy'], [], 1]);
    clock.advance(MAX_IDLE_MS - 2);
    assert.equal(pool.size, 1);
    clock.advance(1);
    assert.deepEqual([second.calls, pool.size, clock.armed], [['destroy'], 0, 0]);
  });

  it('is empty once it is closed, and stays so', () => {
    const { clock, pool } = made();
    const [first, second] = [lentTo(pool, 'a'), lentTo(pool, 'a')];
    pool.giveBack(first);
    pool.close();
    pool.giveBack(second);
    assert.deepEqual([first.calls, second.calls], [['destroy'], ['destroy']]);
    assert.deepEqual([pool.size, clock.armed], [0, 0]);
  });
});

describe('the key of a server connection', () => {
  it('tells services, servers, sources and marks apart', () => {
    const source = SocketAddress.parse('10.0.0.1:0');
    const keys = [
      poolKeyOf('web', request()),
      poolKeyOf('other', request()),
      poolKeyOf('web', request({ remote: SocketAddress.parse('198.51.100.1:81') })),
      poolKeyOf('web', request({ local: source })),
      poolKeyOf('web', request({ local: SocketAddress.parse('10.0.0.2:0') })),
      poolKeyOf('web', request({ mark: 1 })),
      poolKeyOf('web', request({ tos: 1 })),
    ];
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(keys.includes(undefined), false);
    assert.equal(poolKeyOf('web', request()), keys[0]);
  });

  it('of TLS tells apart what a server was asked, and which name it has proved', () => {
    const [first, second] = [serverOnlyEncryption().server, serverOnlyEncryption().server];
    assert.ok(first !== undefined && second !== undefined);
    const keyFor = (encryption: ServerEncryption, name?: string): string | undefined =>
      poolKeyOf('web', request(), { encryption, name });
    const keys = [
      poolKeyOf('web', request()),
      keyFor(first),
      keyFor(second), // the same settings, but of another policy or service
      keyFor(first, 'www.example'),
      keyFor(first, 'shop.example'),
      keyFor(second, 'www.example'),
    ];
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(keyFor(first, 'www.example'), keys[3]);
  });

  it('is missing where a connection cannot be another one’s', () => {
    assert.equal(poolKeyOf('web', request({ protocol: 'udp' })), undefined);
    const withPort = SocketAddress.parse('10.0.0.1:4000');
    assert.equal(poolKeyOf('web', request({ local: withPort })), undefined);
  });
});
