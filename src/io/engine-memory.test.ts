// Whatever becomes of a connection of the engine, and whenever: all that OpenSSL has made for it is freed, once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallCounter } from '../../test/support/call-counter.ts';
import { collectGarbage } from '../../test/support/collect-garbage.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { streamPair, testShare as driverShare } from '../../test/support/driver-pair.ts';
import { EngineScene, sceneConnection, sceneContext } from '../../test/support/engine-scene.ts';
import { carry, freeBoth, MemoryEnd, memoryPair } from '../../test/support/openssl-lab.ts';
import { turns } from '../../test/support/stream-recorder.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import { EngineStream } from './engine-stream.ts';
import { OpenSslError } from './openssl-error.ts';
import { OpenSslConnection } from './openssl-connection.ts';
import { OpenSslShare } from './openssl-share.ts';
import { loadOpenSsl } from './openssl.ts';

const SIDES = (['server', 'client'] as const).flatMap((role) =>
  (['TLSv1.2', 'TLSv1.3'] as const).map((maxVersion) => ({ role, maxVersion })),
);
const MAX_TURNS = 4; // a handshake is over by then, and something was said
const ROUNDS = 1;

/** How a connection ends. */
const ENDINGS: readonly ((scene: EngineScene) => unknown)[] = [
  ({ wire }) => wire.ends(),
  ({ wire }) => wire.breaks(),
  ({ wire }) => wire.says('\0garbage'.repeat(40)),
  ({ wire }) => wire.says('\x16\x03\x03\x40\0'.padEnd(16_389, 'x')),
  ({ wire }) => wire.says('\x15\x03\x03\0\x02\x02\x28').ends(),
  ({ stream }) => stream.destroy(),
  ({ stream }) => stream.destroy('reset'),
];

describe('the memory of the engine', needsOpenSsl(), () => {
  const counter = new CallCounter(loadOpenSsl().openSsl ?? assert.fail());
  const share = new OpenSslShare(counter.openSsl);
  const before = JSON.stringify(counter.alive);

  function allIsFreed(): void {
    assert.equal(JSON.stringify(counter.alive), before);
    assert.deepEqual([share.takeBack().length, share.takeOutgoing().length], [0, 0]);
  }

  /** A handshake that has come so far, and then ends. */
  function endAt(scene: EngineScene, maxTurns: number, end: (scene: EngineScene) => unknown): void {
    let answer: Buffer = Buffer.alloc(0);
    for (let turn = 0; turn < maxTurns; turn++) {
      answer = Buffer.concat([scene.peer.take(answer), scene.peer.take(scene.unseen())]);
      if (turn === MAX_TURNS - 1 && scene.peer.isShaken) answer = scene.peer.say('said');
      scene.wire.says(answer).settle();
      answer = scene.unseen();
    }
    end(scene);
    scene.wire.settle();
  }

  for (const side of SIDES)
    it(`is freed wherever a handshake ends: as ${side.role} by ${side.maxVersion}`, () => {
      const made = counter.calls('SSL_new');
      for (let round = 0; round < ROUNDS; round++)
        for (let maxTurns = 0; maxTurns <= MAX_TURNS; maxTurns++)
          for (const end of ENDINGS) {
            using scene = new EngineScene({ ...side, share });
            endAt(scene, maxTurns, end);
          }
      assert.equal(counter.calls('SSL_new') - made, ROUNDS * (MAX_TURNS + 1) * ENDINGS.length);
      allIsFreed();
    });

  it('is freed at once, and not when somebody looks for garbage', () => {
    const scene = new EngineScene({ share });
    scene.carry();
    assert.equal(counter.alive['connections'], 1);
    scene.stream.destroy();
    allIsFreed();
    scene.peer.connection.free();
  });

  it('is freed where a connection cannot begin', () => {
    const context = sceneContext('client');
    const begin = { serverName: 'a'.repeat(300), session: undefined, asksStaple: true };
    const garbage = { ...begin, serverName: 'a.example', session: Buffer.from('garbage') };
    for (let count = 0; count < 20; count++)
      for (const one of [begin, garbage])
        assert.throws(() => new OpenSslConnection(share, context, one), OpenSslError);
    allIsFreed();
  });

  it('is freed where connections are reset or lost', needsDriver(), async () => {
    const descriptors = driverShare();
    for (let count = 0; count < 60; count++) {
      const [near, far] = streamPair(descriptors);
      const context = sceneContext('server');
      const connection = new OpenSslConnection(share, context);
      const stream = new EngineStream(share, connection, near, { permitTruncation: false });
      const over = new Promise((resolve) =>
        stream.begin({ accepts: () => true, secured: () => undefined, failed: resolve }),
      );
      const peer = new MemoryEnd(testShare(), sceneConnection('client'));
      const hello = peer.take();
      far.write(hello.subarray(0, (count * 97) % hello.length));
      if (count % 3 === 0) await turns(1);
      far.destroy(count % 2 === 0 ? 'reset' : undefined);
      await over;
      peer.connection.free();
    }
    allIsFreed();
  });

  it('does not grow by connections that have come and gone', () => {
    const contexts = {
      client: sceneContext('client', { tls: { maxVersion: 'TLSv1.2' } }),
      server: sceneContext('server'),
    };
    let session: Buffer | undefined;
    const visit = (): void => {
      const pair = memoryPair(share, contexts, { session });
      carry(pair);
      session = pair.client.connection.session();
      pair.server.take(pair.client.say('said'));
      freeBoth(pair);
    };
    // A connection that stays has some 30 KiB in the heap of C.
    const visits = (count: number): number => {
      for (let at = 0; at < count; at++) visit();
      collectGarbage();
      collectGarbage();
      const { rss, heapTotal, arrayBuffers } = process.memoryUsage();
      return rss - heapTotal - arrayBuffers;
    };
    const first = visits(1_200);
    const growth = visits(800) - first;
    assert.ok(growth < 8 * 1_048_576, `it grew by ${Math.round(growth / 1024)} KiB`);
    allIsFreed();
  });
});
