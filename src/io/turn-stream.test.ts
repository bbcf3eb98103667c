import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import { StreamRecorder } from '../../test/support/stream-recorder.ts';
import { linkPair } from './link-stream.ts';
import { TurnStream } from './turn-stream.ts';

streamConformance('a stream by turns', () => {
  const [near, far] = linkPair(65_536);
  const [a, b] = [new TurnStream(near), new TurnStream(far)];
  return Promise.resolve({ a, b, maxInFlight: 65_536 + 2 * 65_536 });
});

describe('TurnStream', () => {
  it('writes, ends and reads in another turn', async () => {
    const [near, far] = linkPair(65_536);
    const recorder = new StreamRecorder('far', far);
    recorder.listen();
    const stream = new TurnStream(near);
    stream.write(Buffer.from('now'), 'given');
    stream.end();
    await Promise.resolve();
    assert.equal(recorder.chunkCount, 0);
    await recorder.until('ended', () => recorder.hasEnded);
    assert.equal(recorder.bytes().toString(), 'now');
    stream.destroy();
    recorder.destroy();
  });

  it('knows of more behind its bytes what the other stream knows', () => {
    const inner = new FakeStream();
    inner.behind = 'unknown';
    assert.equal(new TurnStream(inner).behind, 'unknown');
  });
});
