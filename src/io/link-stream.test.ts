// Links are Streams, and what is particular to them: no copy and no wait where none is needed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { linkPair } from './link-stream.ts';

for (const highWaterMark of [0, 1000, 65_536]) {
  streamConformance(`a link with a mark of ${highWaterMark}`, () => {
    const [a, b] = linkPair(highWaterMark);
    return Promise.resolve({ a, b, maxInFlight: highWaterMark + 16_384 });
  });
}

function recorded(highWaterMark = 1000): [StreamRecorder, StreamRecorder] {
  const [a, b] = linkPair(highWaterMark);
  return [new StreamRecorder('a', a), new StreamRecorder('b', b)];
}

describe('a link', () => {
  it('passes bytes on at once and uncopied to a listener that is ready', () => {
    const [a, b] = linkPair(1000);
    const seen: Uint8Array[] = [];
    const ignore = (): void => undefined;
    b.listen({
      received: (bytes) => seen.push(bytes),
      ended: ignore,
      drained: ignore,
      closed: ignore,
    });
    const bytes = Buffer.from('now');
    assert.equal(a.write(bytes, 'lent'), true);
    assert.equal(seen[0], bytes);
    assert.equal(b.ownership, 'lent');
    assert.equal(b.descriptor, undefined);
  });

  it('tells a listener that comes after another one what has become of it meanwhile', async () => {
    for (const how of ['end', 'destroy'] as const) {
      const [a, b] = linkPair(1000);
      new StreamRecorder('a', a).listen();
      new StreamRecorder('first', b).listen();
      assert.equal(b.unlisten?.(), true);
      a[how]();
      await turns(2);
      const second = new StreamRecorder('second', b);
      second.listen();
      await turns(2);
      assert.deepEqual(second.events, [how === 'end' ? 'ended' : 'closed']);
    }
  });

  it('closes the far end without an error when nothing was lost', async () => {
    const [a, b] = recorded();
    a.listen();
    b.listen();
    a.write(Buffer.from('seen'), 'given');
    a.destroy();
    await Promise.all([a.untilClosed(), b.untilClosed()]);
    assert.deepEqual([a.events, b.events], [['closed'], ['closed']]);
  });

  it('says drained to a listener that comes after the write', async () => {
    const [a, b] = recorded();
    b.listen();
    b.hold('busy');
    assert.equal(a.write(Buffer.alloc(2000), 'given'), false);
    b.release('busy');
    await turns(1);
    a.listen();
    await a.until('drained', () => a.drainedCount === 1);
  });

  it('has one listener', () => {
    const [a] = recorded();
    a.listen();
    assert.throws(() => a.listen(), /one listener/);
  });

  it('takes a long queue of single bytes one at a time, quickly', async () => {
    const [a, b] = recorded(1_000_000);
    a.listen();
    b.listen({
      received: () => {
        b.hold('one at a time');
        queueMicrotask(() => b.release('one at a time'));
      },
    });
    b.hold('filling');
    const count = 50_000;
    for (let index = 0; index < count; index++) a.write(Uint8Array.of(index & 255), 'given');
    b.release('filling');
    await b.untilReceived(count);
    assert.ok(b.bytes().every((byte, index) => byte === (index & 255)));
  });
});
