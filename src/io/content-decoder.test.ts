import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import type { ContentCoding } from '../session/decoder.ts';
import { makeDecoder } from './content-decoder.ts';

const TEXT = Buffer.from('a text that is worth being compressed, '.repeat(5_000));

interface Decoded {
  readonly bytes: Buffer;
  readonly end: string;
  readonly pieces: number;
}

/** What becomes of bytes that come in pieces of this length. */
function decode(coding: ContentCoding, coded: Uint8Array, length = 1_000): Promise<Decoded> {
  const pieces: Uint8Array[] = [];
  return new Promise((resolve) => {
    const finish = (end: string): void => {
      resolve({ bytes: Buffer.concat(pieces), end, pieces: pieces.length });
    };
    const decoder = makeDecoder(coding, {
      decoded: (bytes) => {
        pieces.push(bytes);
        setImmediate(() => {
          decoder.resume();
        });
        return false;
      },
      drained: () => undefined,
      ended: () => {
        finish('ended');
      },
      failed: finish,
    });
    for (let at = 0; at < coded.length; at += length)
      decoder.write(coded.subarray(at, at + length));
    decoder.end();
  });
}

const CODED: readonly (readonly [ContentCoding, string, Uint8Array])[] = [
  ['gzip', 'gzip', gzipSync(TEXT)],
  ['gzip', 'two members of gzip', Buffer.concat([gzipSync(TEXT), gzipSync('')])],
  ['deflate', 'deflate', deflateSync(TEXT)],
  ['deflate', 'raw deflate', deflateRawSync(TEXT)],
  ['br', 'br', brotliCompressSync(TEXT)],
  ['zstd', 'zstd', zstdCompressSync(TEXT)],
];

describe('a decoder', () => {
  for (const [coding, what, coded] of CODED) {
    it(`undoes ${what}, piece by piece and no faster than it is taken`, async () => {
      for (const length of [1, 7, coded.length]) {
        const { bytes, end, pieces } = await decode(coding, coded, length);
        assert.equal(end, 'ended');
        assert.deepEqual(bytes, TEXT);
        assert.ok(pieces >= TEXT.length / 16_384, String(pieces));
      }
    });

    it(`says that ${what} breaks off`, async () => {
      const { end } = await decode(coding, coded.subarray(0, -6));
      assert.notEqual(end, 'ended');
    });
  }

  it('says that bytes are of no such coding', async () => {
    for (const coding of ['gzip', 'deflate', 'br', 'zstd'] as const) {
      const { end } = await decode(
        coding,
        Buffer.from('\xff\xfeplain text, whatever the head says'),
      );
      assert.match(end, /^(?:Z_|ERR_|ZSTD_)/, coding);
    }
  });

  it('says nothing once it is destroyed', async () => {
    const said: string[] = [];
    const note = (what: string) => (): boolean => said.push(what) > 0;
    const decoder = makeDecoder('gzip', {
      decoded: note('decoded'),
      drained: note('drained'),
      ended: note('ended'),
      failed: note('failed'),
    });
    decoder.write(gzipSync(TEXT));
    decoder.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(said, []);
  });
});
