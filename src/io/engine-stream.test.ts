// That it is a Stream as any other is shown in tls-conformance.test.ts: here is what TLS adds to that, step by step.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginOver, EngineScene } from '../../test/support/engine-scene.ts';
import type { SceneWish } from '../../test/support/engine-scene.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import { linkPair } from './link-stream.ts';

const SIDES = (['server', 'client'] as const).flatMap((role) =>
  (['TLSv1.2', 'TLSv1.3'] as const).map((maxVersion) => ({ role, maxVersion })),
);

/** Registers a test for each side and version. */
function onEachSide(what: string, test: (side: SceneWish) => Promise<void> | void): void {
  for (const side of SIDES) it(`${what}: as ${side.role} by ${side.maxVersion}`, () => test(side));
}

/** Lets what is due in microtasks be said. */
async function settled(scene: EngineScene): Promise<void> {
  await turns(1);
  scene.wire.settle();
  await turns(1);
}

/** A scene behind its handshake whose peer takes nothing by itself, so that the last of that may still wait. */
function slowScene(side: SceneWish = {}): EngineScene {
  const scene = new EngineScene({ ...side, wire: { isEager: false, highWaterMark: 10 } });
  for (let turn = 0; turn < 6 && scene.told.length < 2; turn++) {
    scene.wire.take();
    scene.carry();
  }
  assert.deepEqual(scene.told, ['accepts', 'secured']);
  return scene;
}

describe('bytes of TLS by the engine', needsOpenSsl(), () => {
  it('have more behind them where the stream beneath says so, or more than one piece has come', () => {
    const seen: unknown[] = [];
    const note = (bytes: Uint8Array): void => void seen.push([bytes.length, scene.stream.behind]);
    using scene = EngineScene.secured({}, { received: note });
    scene.wire.says(scene.peer.say('whole')).settle();
    scene.wire.behind = 'more';
    scene.wire.says(scene.peer.say('last')).settle();
    scene.wire.behind = undefined;
    const records = Array.from({ length: 11 }, () => scene.peer.say('x'.repeat(16_000)));
    scene.wire.says(Buffer.concat(records)).settle();
    assert.deepEqual(seen.splice(0, 2).flat(), [5, undefined, 4, 'more']);
    assert.deepEqual(seen.flat(), [128_000, 'more', 48_000, undefined]);
  });
});

describe('the end of TLS by the engine', needsOpenSsl(), () => {
  onEachSide('comes behind the data that it came with', async (side) => {
    using scene = EngineScene.secured(side);
    scene.wire.says(Buffer.concat([scene.peer.say('the last word'), scene.peer.end()]));
    scene.wire.settle();
    assert.equal(scene.text, 'the last word');
    assert.deepEqual(scene.inside.events, ['ended']);
    scene.stream.write(Buffer.from('an answer'));
    scene.stream.end();
    assert.equal(scene.peer.take(scene.unseen()).length, 0);
    assert.deepEqual([scene.heard, scene.peer.connection.state], ['an answer', 'ended']);
    scene.wire.ends();
    await settled(scene);
    assert.deepEqual(scene.inside.events, ['ended', 'closed']);
    assert.equal(scene.stream.isTruncated, false);
  });

  onEachSide('waits while the stream is held, and so does what is behind it', async (side) => {
    using scene = EngineScene.secured(side, { received: () => scene.inside.hold('thinking') });
    scene.wire.says(Buffer.concat([scene.peer.say('some'), scene.peer.end()])).ends();
    await settled(scene);
    assert.deepEqual([scene.text, scene.inside.events], ['some', []]);
    assert.ok(scene.wire.holds.includes('held-above'));
    scene.inside.release('thinking');
    await settled(scene);
    assert.deepEqual(scene.inside.events, ['ended']);
    assert.equal(scene.stream.isTruncated, false);
  });

  onEachSide('has nothing behind it', async (side) => {
    using scene = EngineScene.secured(side);
    scene.wire.says(Buffer.concat([scene.peer.say('a'), scene.peer.end(), Buffer.alloc(300_000)]));
    scene.wire.says('more').says(scene.peer.end());
    await settled(scene);
    assert.deepEqual([scene.text, scene.inside.events], ['a', ['ended']]);
  });

  onEachSide('is missing where the connection ends without it', async (side) => {
    using scene = EngineScene.secured(side);
    scene.says('cut').wire.ends();
    await settled(scene);
    assert.deepEqual([scene.text, scene.inside.events], ['cut', ['closed ETRUNCATED']]);
    assert.equal(scene.stream.isTruncated, true);
    assert.deepEqual(scene.wire.calls, ['destroy']);
  });

  onEachSide('may be missing where that is permitted', async (side) => {
    using scene = EngineScene.secured({ ...side, options: { permitTruncation: true } });
    scene.says('cut').wire.ends();
    await settled(scene);
    assert.deepEqual([scene.text, scene.inside.events], ['cut', ['ended']]);
    assert.equal(scene.stream.isTruncated, true);
    scene.stream.write(Buffer.from('an answer'));
    scene.stream.end();
    scene.peer.take(scene.unseen());
    assert.equal(scene.heard, 'an answer');
    await settled(scene);
    assert.deepEqual(scene.inside.events, ['ended', 'closed']);
  });

  onEachSide('is not missed by who has ended first and whose stream is let go', async (side) => {
    for (const hasEnded of [true, false]) {
      using scene = EngineScene.secured(side);
      if (hasEnded) scene.stream.end();
      scene.wire.vanishes();
      await settled(scene);
      assert.equal(scene.stream.isTruncated, !hasEnded);
      assert.deepEqual(scene.inside.events, ['closed ETRUNCATED']);
    }
  });

  it('is missing inside of a record, too, and after a loss there is none', async () => {
    using scene = EngineScene.secured();
    scene.wire.says(scene.peer.say('half').subarray(0, 10)).ends();
    await settled(scene);
    assert.deepEqual([scene.text, scene.inside.events], ['', ['closed ETRUNCATED']]);
    using lost = EngineScene.secured();
    lost.wire.breaks();
    await settled(lost);
    assert.deepEqual(lost.inside.events, ['closed ECONNRESET']);
    assert.equal(lost.stream.isTruncated, false);
  });

  it('is said once by whoever ends first', async () => {
    using scene = EngineScene.secured();
    scene.stream.end();
    scene.stream.end();
    scene.stream.write(Buffer.from('too late'));
    scene.peer.take(scene.unseen());
    assert.deepEqual([scene.heard, scene.peer.connection.state], ['', 'ended']);
    assert.deepEqual(scene.wire.calls, ['end']);
    scene.wire.says(Buffer.concat([scene.peer.say('an answer'), scene.peer.end()])).ends();
    await settled(scene);
    assert.deepEqual([scene.text, scene.inside.events], ['an answer', ['ended', 'closed']]);
  });
});

describe('a stream of the engine', needsOpenSsl(), () => {
  onEachSide(
    'keeps what came with the end of the handshake until there is a listener',
    async (side) => {
      using scene = new EngineScene(side);
      scene.carry();
      scene.says('first').says('second');
      await settled(scene);
      assert.deepEqual(scene.wire.holds, ['held-above']);
      scene.inside.listen();
      await settled(scene);
      assert.equal(scene.text, 'firstsecond');
    },
  );

  it('keeps what comes in one piece with Finished', async () => {
    using scene = new EngineScene({ maxVersion: 'TLSv1.3' });
    scene.wire.says(scene.peer.take()).settle();
    const finished = scene.peer.take(scene.unseen());
    scene.wire.says(Buffer.concat([finished, scene.peer.say('early'), scene.peer.end()])).settle();
    assert.deepEqual(scene.told, ['accepts', 'secured']);
    await settled(scene);
    scene.inside.listen();
    await settled(scene);
    assert.deepEqual([scene.text, scene.inside.events], ['early', ['ended']]);
  });

  it('secures by pieces of one byte, and by one that is longer than what is decrypted at once', async () => {
    using scene = new EngineScene();
    for (const byte of scene.peer.take()) scene.wire.says(Buffer.of(byte));
    scene.wire.settle();
    const finished = scene.peer.take(scene.unseen());
    const long = Buffer.alloc(500_000, 'so much at once. ');
    scene.wire.says(Buffer.concat([finished, scene.peer.say(long)])).settle();
    assert.deepEqual(scene.told, ['accepts', 'secured']);
    scene.inside.listen();
    await settled(scene);
    assert.ok(scene.inside.bytes().equals(long));
  });

  it('writes long texts whole, whoever owns them', () => {
    using scene = EngineScene.secured();
    const long = Buffer.alloc(300_000, 'so much at once. ');
    scene.inside.write(Buffer.from(long), 'given');
    scene.inside.write(Buffer.from(long), 'lent');
    scene.inside.write(Buffer.alloc(0), 'given');
    for (const piece of pieces(scene.unseen())) scene.peer.take(piece);
    assert.ok(scene.peer.heard.equals(Buffer.concat([long, long])));
  });

  it('says drained to those alone whom it has told to stop', async () => {
    for (const { role, maxVersion } of SIDES) {
      using scene = slowScene({ role, maxVersion });
      scene.inside.listen();
      scene.wire.take(); // the last of the handshake
      await settled(scene);
      assert.equal(scene.inside.write(Buffer.from('much'), 'given'), false);
      scene.wire.take();
      await settled(scene);
      assert.equal(scene.inside.drainedCount, 1);
    }
  });

  it('takes its listener off while it is quiet, and only then', async () => {
    using scene = EngineScene.secured();
    assert.equal(scene.inside.unlisten(), true);
    scene.inside.listen();
    scene.inside.hold('thinking');
    assert.equal(scene.inside.unlisten(), false);
    scene.inside.release('thinking');
    assert.equal(scene.inside.unlisten(), true);
    scene.wire.says('unheard');
    await settled(scene);
    assert.ok(scene.wire.holds.includes('held-above'));
    using ending = EngineScene.secured();
    ending.stream.end();
    assert.equal(ending.inside.unlisten(), false);
    using ended = EngineScene.secured();
    ended.wire.says(ended.peer.end()).settle();
    assert.equal(ended.inside.unlisten(), false);
    using gone = EngineScene.secured();
    gone.inside.destroy();
    assert.equal(gone.inside.unlisten(), false);
  });

  onEachSide('keeps its listener while a record has come in part', (side) => {
    for (const partBytes of [1, 4, 5, 6, 12]) {
      using scene = EngineScene.secured(side);
      const record = scene.peer.say('an answer that nobody asked for');
      scene.wire.says(record.subarray(0, partBytes)).settle();
      assert.equal(scene.inside.unlisten(), false, `after ${partBytes} bytes`);
      scene.wire.says(record.subarray(partBytes)).settle();
      assert.equal(scene.text, 'an answer that nobody asked for');
      assert.equal(scene.inside.unlisten(), true);
    }
  });

  it('has one listener', () => {
    using scene = EngineScene.secured();
    assert.throws(() => scene.inside.listen(), /one listener/);
  });

  it('passes on what TLS has no part in', () => {
    using scene = EngineScene.secured();
    scene.stream.keepAlive();
    assert.deepEqual(scene.wire.calls, ['keep-alive']);
    assert.equal(scene.stream.isFlushed, false, 'nobody knows');
    scene.stream.destroy('reset');
    scene.stream.destroy();
    assert.deepEqual(scene.wire.calls, ['keep-alive', 'reset']);
  });

  onEachSide('is lost by bytes that are not TLS, behind what was good', async (side) => {
    using scene = EngineScene.secured(side);
    scene.wire.says(Buffer.concat([scene.peer.say('good'), Buffer.from('not TLS at all')]));
    await settled(scene);
    assert.equal(scene.text, 'good');
    assert.match(scene.inside.events.join(), /^closed ERR_SSL_(WRONG_VERSION|BAD_RECORD)[A-Z_]+$/);
    scene.peer.take(scene.unseen());
    assert.match(scene.peer.connection.error?.code ?? '', /ALERT/, 'the peer is told');
  });

  it('can be destroyed in each of its calls', async () => {
    const reactions = ['received', 'ended', 'drained', 'closed'] as const;
    for (const reaction of reactions) {
      using scene = slowScene();
      scene.inside.listen({ [reaction]: () => scene.inside.destroy() });
      await settled(scene);
      scene.inside.write(Buffer.from('much'), 'given');
      scene.wire.take();
      scene.wire.says(Buffer.concat([scene.peer.say('some'), scene.peer.end()]));
      await settled(scene);
      if (reaction === 'closed') scene.wire.breaks();
      await settled(scene);
      assert.equal(scene.inside.events.at(-1)?.startsWith('closed'), true, reaction);
    }
  });

  it('can be destroyed while its handshake ends, and is told nothing more', async () => {
    let scene: EngineScene;
    const destroy = (): true => {
      scene.stream.destroy();
      return true;
    };
    for (const [when, told] of [
      ['accepts', ['accepts']],
      ['secured', ['accepts', 'secured']],
    ] as const) {
      scene = new EngineScene({ [when]: destroy });
      using used = scene;
      used.wire.says(used.peer.take()).settle();
      const finished = used.peer.take(used.unseen());
      used.wire.says(Buffer.concat([finished, used.peer.say('early')])).settle();
      assert.deepEqual([used.told, used.wire.calls], [told, ['destroy']]);
      used.inside.listen();
      await settled(used);
      assert.deepEqual(used.inside.events, ['closed']);
    }
  });

  it('takes tickets once, before anything is heard of the server', () => {
    const told: string[] = [];
    const options = { tickets: (): unknown => told.push('tickets') };
    using scene = EngineScene.secured(
      { role: 'client', options },
      { received: () => told.push('received') },
    );
    assert.equal(told.length, 0);
    scene.says('a').says('b').carry();
    assert.deepEqual(told, ['tickets', 'received', 'received']);
    const silent = { role: 'client', options } as const;
    told.length = 0;
    using ended = EngineScene.secured(silent, { ended: () => told.push('ended') });
    ended.wire.says(ended.peer.end()).settle();
    assert.deepEqual(told, ['tickets', 'ended']);
  });
});

describe('a handshake of the engine', needsOpenSsl(), () => {
  onEachSide('is not finished towards a peer that is not accepted', async (side) => {
    using scene = new EngineScene({ ...side, accepts: () => false });
    scene.carry();
    await settled(scene);
    assert.deepEqual(scene.told, ['accepts', 'failed']);
    assert.deepEqual(scene.wire.calls, ['destroy']);
    // Whoever has the last word in a version knows of the end before it has said it.
    const isDone = (side.role === 'server') === (side.maxVersion === 'TLSv1.3');
    assert.equal(scene.peer.isShaken, isDone);
  });

  onEachSide('fails once, whatever breaks it', async (side) => {
    const breaks: Readonly<Record<string, (scene: EngineScene) => unknown>> = {
      'failed ERR_SSL_WRONG_VERSION_NUMBER': ({ wire }) => wire.says('\0'.repeat(100)),
      failed: ({ wire }) => wire.ends(),
      'failed ': ({ wire }) => wire.breaks(),
    };
    for (const [told, breakIt] of Object.entries(breaks)) {
      using scene = new EngineScene(side);
      breakIt(scene);
      scene.wire.says('more').settle();
      await settled(scene);
      scene.wire.ends().settle();
      assert.deepEqual(scene.told, [told.trim()]);
      assert.deepEqual(scene.wire.calls, ['destroy']);
    }
  });

  it('is given up without a word', async () => {
    for (const { role } of SIDES) {
      using scene = new EngineScene({ role });
      scene.stream.destroy();
      scene.wire.says(scene.peer.take());
      await settled(scene);
      assert.deepEqual([scene.told, scene.wire.calls], [[], ['destroy']]);
    }
  });
});

describe('TLS inside of TLS', needsOpenSsl(), () => {
  it('carries bytes three layers deep, within one process', async () => {
    let [near, far] = linkPair(65_536);
    for (let layer = 0; layer < 3; layer++) {
      const [server, client] = [beginOver(near, 'server'), beginOver(far, 'client')];
      assert.deepEqual(await Promise.all([server.over, client.over]), ['secured', 'secured']);
      [near, far] = [server.stream, client.stream];
    }
    const [a, b] = [new StreamRecorder('a', near), new StreamRecorder('b', far)];
    a.listen();
    b.listen({
      received: (bytes) => b.write(Buffer.from(bytes), 'lent'), // answers while it is called
      ended: () => b.end(),
    });
    const long = Buffer.alloc(400_000, 'through three layers. ');
    for (const piece of pieces(long)) a.write(Buffer.from(piece), 'lent');
    await a.untilReceived(long.length);
    assert.ok(a.bytes().equals(long) && b.bytes().equals(long));
    a.end();
    await Promise.all([a.untilClosed(), b.untilClosed()]);
    assert.deepEqual([...a.events, ...b.events], ['ended', 'closed', 'ended', 'closed']);
    assert.deepEqual([...a.faults, ...b.faults], []);
    assert.equal(testShare().takeOutgoing().length, 0);
  });
});

/** In pieces as sockets give them. */
function pieces(bytes: Buffer): readonly Buffer[] {
  const starts = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, at) => at * 65_536);
  return starts.map((start) => bytes.subarray(start, start + 65_536));
}
