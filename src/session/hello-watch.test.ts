import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hello, serverName } from '../../test/support/client-hello.ts';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { HelloWatch } from './hello-watch.ts';

const HELLO = hello({ extensions: [serverName('www.example')] });
const TIMEOUT_MS = 1000;

interface Scene {
  readonly world: SessionWorld;
  readonly client: FakeStream;
  readonly watch: HelloWatch;
  readonly heard: string[];
}

function sceneOf(): Scene {
  const world = new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
  const client = new FakeStream();
  const heard: string[] = [];
  const watch = new HelloWatch(world.runtime, client, TIMEOUT_MS, {
    asked: (name) => heard.push(name ?? 'no name'),
    failed: ({ reason }) => heard.push(reason),
  });
  return { world, client, watch, heard };
}

describe('HelloWatch', () => {
  it('tells whom a client asks for, once, however its hello is cut and whatever follows', () => {
    const { world, client, watch, heard } = sceneOf();
    client.says(HELLO.subarray(0, 9)).settle();
    assert.deepEqual(heard, []);
    client.says(HELLO.subarray(9)).says('more').settle();
    client.says(HELLO).settle();
    assert.deepEqual(heard, ['www.example']);
    world.clock.advance(TIMEOUT_MS);
    assert.equal(world.clock.armed, 0);
    client.breaks().settle();
    assert.deepEqual(heard, ['www.example', 'tls.client-closed']);
    watch.stop();
    const nameless = sceneOf();
    nameless.client.says(hello()).settle();
    assert.deepEqual(nameless.heard, ['no name']);
  });

  it('fails where there is no hello', () => {
    const plain = sceneOf();
    plain.client.says('GET / HTTP/1.1\r\n').settle();
    const half = sceneOf();
    half.client.says(HELLO.subarray(0, 9)).ends().settle();
    const silent = sceneOf();
    silent.world.clock.advance(TIMEOUT_MS);
    const heard = [plain, half, silent].map((scene) => scene.heard);
    assert.deepEqual(heard, [['tls.not-tls'], ['tls.client-closed'], ['tls.client-timeout']]);
  });

  it('tells nothing after it was stopped, and gives away what came', () => {
    const { world, client, watch, heard } = sceneOf();
    client.says(HELLO.subarray(0, 9)).settle();
    watch.stop();
    client.says(HELLO.subarray(9)).settle();
    assert.deepEqual([heard, world.clock.armed], [[], 0]);
    assert.deepEqual(Buffer.concat(watch.stream.unheard), Buffer.from(HELLO.subarray(0, 9)));
  });
});
