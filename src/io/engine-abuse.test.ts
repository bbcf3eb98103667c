// Peers that make the engine work, or wait, as much as they can: what that costs has a bound.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { streamPair, testShare as driverShare } from '../../test/support/driver-pair.ts';
import {
  beginOver,
  EngineScene,
  KeyChanger,
  sceneConnection,
} from '../../test/support/engine-scene.ts';
import { MemoryEnd } from '../../test/support/openssl-lab.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import type { DriverStream } from './driver-stream.ts';
import type { EngineStream } from './engine-stream.ts';

/** A peer in memory behind one end of a connection. It never ends its direction: only TLS in it. */
class ConnectedPeer {
  readonly end = new MemoryEnd(testShare(), sceneConnection('client'));
  readonly #stream: DriverStream;
  isClosed = false;

  constructor(stream: DriverStream) {
    this.#stream = stream;
    stream.listen({
      received: (bytes) => this.#send(this.end.take(bytes)),
      ended: () => undefined,
      drained: () => undefined,
      closed: () => (this.isClosed = true),
    });
    this.#send(this.end.take());
  }

  says(bytes: Buffer): void {
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    if (bytes.length > 0) this.#stream.write(bytes);
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
    this.end.connection.free();
  }
}

describe('a peer that never closes its connection', { ...needsDriver(), ...needsOpenSsl() }, () => {
  const share = driverShare();

  async function secured(): Promise<{
    readonly stream: EngineStream;
    readonly inside: StreamRecorder;
    readonly peer: ConnectedPeer;
    readonly far: DriverStream;
  }> {
    const [near, far] = streamPair(share);
    const { stream, over } = beginOver(near, 'server');
    const peer = new ConnectedPeer(far);
    assert.equal(await over, 'secured');
    return { stream, inside: new StreamRecorder('inside', stream), peer, far };
  }

  for (const first of ['us', 'the peer'])
    it(`is not waited for once both have ended, ${first} first`, async () => {
      const { inside, ...scene } = await secured();
      using peer = scene.peer;
      inside.listen();
      if (first === 'us') inside.end();
      await turns(2);
      peer.says(peer.end.end());
      await inside.until('the end', () => inside.hasEnded);
      if (first !== 'us') inside.end();
      await inside.untilClosed();
      assert.deepEqual(inside.events, ['ended', 'closed']);
      assert.deepEqual(inside.faults, []);
    });

  it('is not waited for, also where it has taken all only later', async () => {
    const { inside, far, stream, ...scene } = await secured();
    using peer = scene.peer;
    inside.listen();
    far.hold('slow');
    const long = Buffer.alloc(6 * 1_048_576, 'much');
    for (let at = 0; at < long.length; at += 65_536)
      inside.write(long.subarray(at, at + 65_536), 'given');
    assert.equal(stream.isFlushed, false);
    inside.end();
    peer.says(peer.end.end());
    await inside.until('the end', () => inside.hasEnded);
    far.release('slow');
    await inside.untilClosed();
    assert.deepEqual(inside.events, ['ended', 'closed']);
    for (let turn = 0; turn < 10_000 && !peer.isClosed; turn++) await turns(1);
    assert.equal(peer.end.heard.length, long.length, 'what is with the kernel is not lost');
  });
});

describe('a peer that changes its keys all the time', needsOpenSsl(), () => {
  const FLOOD = 3_000;
  const PIECE_BYTES = 20_000;

  it('is read no further than it takes the answers', async () => {
    const keys = new KeyChanger();
    const wire = { isEager: false, highWaterMark: 10_000 };
    using scene = new EngineScene({ peerShare: keys.share, wire });
    for (let turn = 0; turn < 6; turn++) {
      scene.wire.take();
      scene.carry();
    }
    scene.inside.listen();
    scene.wire.take();
    const changes = Array.from({ length: FLOOD }, () => keys.changesKeys());
    const flood = Buffer.concat(changes);
    for (let at = 0; at < flood.length; at += PIECE_BYTES)
      scene.wire.says(flood.subarray(at, at + PIECE_BYTES));
    scene.says('at last').wire.settle();
    assert.ok(scene.wire.queuedBytes <= 2 * PIECE_BYTES, `${scene.wire.queuedBytes} wait`);
    assert.ok(scene.wire.holds.includes('answers-wait'));
    assert.ok(scene.wire.unheardBytes > flood.length / 2);
    // Whoever takes them is read on.
    for (let turn = 0; turn < 20; turn++) {
      scene.wire.take();
      scene.wire.settle();
      await turns(1);
    }
    assert.equal(scene.text, 'at last');
    scene.stream.write(Buffer.from('with keys as new'));
    scene.wire.take();
    scene.peer.take(scene.unseen());
    assert.equal(scene.heard, 'with keys as new');
  });
});

describe('a peer that says nothing in many records', needsOpenSsl(), () => {
  it('is heard as if it were silent, and then loses TLS', () => {
    using scene = EngineScene.secured();
    const empty = Buffer.concat(Array.from({ length: 40 }, () => Buffer.of(23, 3, 3, 0, 0)));
    scene.wire.says(empty).settle();
    assert.equal(scene.text, '');
    assert.equal(scene.wire.calls.includes('destroy'), true, 'a record of TLS 1.3 is never empty');
  });
});
