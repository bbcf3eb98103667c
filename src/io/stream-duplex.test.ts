import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { Stream, StreamListener } from '../session/stream.ts';
import { linkPair } from './link-stream.ts';
import { StreamDuplex } from './stream-duplex.ts';

function silent(changes: Partial<StreamListener> = {}): StreamListener {
  const nothing = (): void => undefined;
  return { received: nothing, ended: nothing, drained: nothing, closed: nothing, ...changes };
}

function joined(): { readonly duplex: StreamDuplex; readonly far: Stream } {
  const [near, far] = linkPair(16);
  return { duplex: new StreamDuplex(near), far };
}

describe('StreamDuplex', () => {
  it('carries bytes and ends both ways', async () => {
    const { duplex, far } = joined();
    const heard: string[] = [];
    const ended = new Promise<void>((done) => {
      far.listen(silent({ received: (bytes) => heard.push(String(bytes)), ended: done }));
    });
    duplex.write('to the far end');
    duplex.end(' and over');
    await ended;
    assert.equal(heard.join(''), 'to the far end and over');
    far.write(Buffer.from('back'), 'lent');
    far.end();
    duplex.setEncoding('utf8');
    assert.deepEqual(await once(duplex, 'data'), ['back']);
    await once(duplex, 'end');
    duplex.destroy();
  });

  it('reads no further than it is read, and waits for room', async () => {
    const { duplex, far } = joined();
    let received = 0;
    far.listen(silent({ received: (bytes) => (received += bytes.length) }));
    far.hold('slow');
    let written = 0;
    for (let count = 0; count < 4; count++) duplex.write('x'.repeat(16), () => written++);
    await turn();
    assert.ok(written < 4, 'all of it was taken');
    far.release('slow');
    while (received < 64) await turn();
    assert.equal(written, 4);
    // As much as a Duplex likes to have, and no more.
    let taken = 0;
    while (taken < 100 && far.write(Buffer.alloc(65_536), 'given')) {
      taken++;
      await turn();
    }
    assert.ok(taken < 100, 'nothing stops the other end');
    duplex.destroy();
  });

  it('tells a loss, and ends its stream when it is destroyed', async () => {
    const lost = joined();
    lost.far.listen(silent());
    lost.duplex.resume();
    lost.far.destroy();
    await once(lost.duplex, 'close');
    const left = joined();
    const closed = new Promise<void>((done) => {
      left.far.listen(silent({ closed: () => done() }));
    });
    left.duplex.destroy();
    await closed;
  });
});
