// Contents on their way into a child: decoded, in order, and within bounds, whatever they are.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import { until } from '../../test/support/system-wait.ts';
import { contentDecoders } from '../io/content-decoder.ts';
import { linkPair } from '../io/link-stream.ts';
import type { ContentDecoding } from '../proxy/content-decoding.ts';
import { UNMEASURED_BYTES } from '../proxy/content-decoding.ts';
import type { ContentVerdict } from '../proxy/content-verdict.ts';
import { DecodedStream } from './decoded-stream.ts';

const makeDecoder = contentDecoders();
const MEBIBYTE = 1_048_576;
/** What the child has not read. */
const LINK_BYTES = 65_536;
/** What a decoder gives at once. */
const STEP_BYTES = 16_384;
const BOUNDS: ContentDecoding = { coding: 'gzip', plainBytes: 0, maxRatio: 100, maxBytes: 0 };

// What has no coding passes as in any stream: here everything is "before the contents".
streamConformance('a decoded stream', () => {
  const [inner, b] = linkPair(1000);
  const decoding = { ...BOUNDS, plainBytes: Infinity };
  const failed = (): void => undefined;
  const a = new DecodedStream(inner, { decoding, makeDecoder, failed });
  return Promise.resolve({ a, b, maxInFlight: 17_384 });
});

interface Scene {
  readonly stream: DecodedStream;
  readonly verdicts: ContentVerdict[];
  /** Bytes and the end that the child has heard. */
  readonly heard: { bytes: number; text: string; end: string };
  drains: number;
  /** What the decoder gave, and whether it was told to stop then. */
  readonly decoded: { readonly bytes: number; readonly isStopped: boolean };
  /** The child reads. */
  read(): void;
}

function scene(bounds: Partial<ContentDecoding> = {}): Scene {
  const [inner, child] = linkPair(LINK_BYTES);
  const decoded = { bytes: 0, isStopped: false };
  const verdicts: ContentVerdict[] = [];
  const stream = new DecodedStream(inner, {
    decoding: { ...BOUNDS, ...bounds },
    makeDecoder: (coding, listener) =>
      makeDecoder(coding, {
        decoded: (bytes, codedBytes) => {
          decoded.bytes += bytes.length;
          decoded.isStopped = !listener.decoded(bytes, codedBytes);
          return !decoded.isStopped;
        },
        drained: () => {
          listener.drained();
        },
        ended: () => {
          listener.ended();
        },
        failed: (error) => {
          listener.failed(error);
        },
      }),
    failed: (verdict) => verdicts.push(verdict),
  });
  const heard = { bytes: 0, text: '', end: '' };
  const made: Scene = {
    stream,
    verdicts,
    heard,
    drains: 0,
    decoded,
    read: () => {
      child.release('test');
    },
  };
  child.hold('test');
  child.listen({
    received: (bytes) => {
      heard.bytes += bytes.length;
      if (heard.text.length < 100) heard.text += Buffer.from(bytes).toString('latin1');
    },
    ended: () => {
      heard.end ||= 'ended';
    },
    drained: () => undefined,
    closed: (error) => {
      heard.end ||= error ?? 'closed';
    },
  });
  stream.listen({
    received: () => undefined,
    ended: () => undefined,
    drained: () => {
      made.drains++;
    },
    closed: () => undefined,
  });
  return made;
}

function hasEnded({ heard }: Scene): Promise<unknown> {
  return until('the end', () => heard.end !== '');
}

describe('a decoded stream', () => {
  it('leaves what stands before the contents as it is', async () => {
    const made = scene({ plainBytes: 6 });
    made.read();
    made.stream.write(Buffer.from('head'), 'lent');
    made.stream.write(Buffer.concat([Buffer.from(':\n'), gzipSync('body')]), 'lent');
    made.stream.end();
    await hasEnded(made);
    assert.equal(made.heard.text, 'head:\nbody');
    assert.equal(made.heard.end, 'ended');
  });

  it('keeps what was lent', async () => {
    const made = scene();
    made.read();
    const bytes = gzipSync('body');
    made.stream.write(bytes, 'lent');
    bytes.fill(0xee);
    made.stream.end();
    await hasEnded(made);
    assert.equal(made.heard.text, 'body');
  });

  it('makes nothing of nothing', async () => {
    const made = scene();
    made.read();
    made.stream.end();
    await hasEnded(made);
    assert.deepEqual([made.heard.bytes, made.heard.end, made.verdicts.length], [0, 'ended', 0]);
  });

  it('cuts off what breaks off or is of another coding', async () => {
    for (const bytes of [gzipSync('body').subarray(0, 15), Buffer.from('plain text')]) {
      const made = scene();
      made.read();
      made.stream.write(bytes, 'given');
      made.stream.end();
      await hasEnded(made);
      assert.equal(made.heard.end, 'ECONNRESET');
      assert.deepEqual(
        made.verdicts.map(({ word, reason }) => [word, reason]),
        [['error', 'content.bad-coding']],
      );
    }
  });

  it('stops a bomb long before it is big, in bounded memory', async () => {
    const bomb = deflateRawSync(Buffer.alloc(128 * MEBIBYTE), { level: 9 }); // 1,030 : 1
    assert.ok(bomb.length < MEBIBYTE);
    const made = scene({ coding: 'deflate' });
    made.read();
    const before = process.memoryUsage().rss;
    for (let at = 0; at < bomb.length; at += 16_384)
      made.stream.write(bomb.subarray(at, at + 16_384), 'given');
    await hasEnded(made);
    assert.equal(made.verdicts[0]?.reason, 'content.too-compressed');
    // As soon as it is more than what harms nobody, although all the bytes that would pay for more have come.
    assert.ok(made.decoded.bytes <= UNMEASURED_BYTES + STEP_BYTES, String(made.decoded.bytes));
    assert.ok(made.heard.bytes <= UNMEASURED_BYTES, String(made.heard.bytes));
    assert.ok(process.memoryUsage().rss - before < 128 * MEBIBYTE);
  });

  it('stops at the size that is allowed', async () => {
    const made = scene({ maxBytes: 100_000 });
    made.read();
    made.stream.write(gzipSync(Buffer.alloc(200_000, 'abcdefgh' + 'x'.repeat(9))), 'given');
    await hasEnded(made);
    assert.ok(made.heard.bytes <= 100_000);
    assert.equal(made.verdicts[0]?.reason, 'content.decoded-too-long');
  });

  it('decodes no faster than the child reads', async () => {
    const made = scene({ maxRatio: 2_000 });
    const coded = gzipSync(Buffer.alloc(80 * MEBIBYTE));
    assert.equal(made.stream.write(coded, 'given'), false);
    made.stream.end();
    await until('it to be told to stop', () => made.decoded.isStopped);
    assert.equal(made.drains, 0);
    assert.ok(made.decoded.bytes <= LINK_BYTES + STEP_BYTES, String(made.decoded.bytes));
    made.read();
    await hasEnded(made);
    assert.equal(made.heard.bytes, 80 * MEBIBYTE);
  });
});
