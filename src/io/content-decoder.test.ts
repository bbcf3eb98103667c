import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHook } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  brotliCompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createZstdCompress,
  createZstdDecompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import type { ContentCoding, MakeDecoder } from '../session/decoder.ts';
import { contentDecoders } from './content-decoder.ts';
import { DecodingTurns } from './decoding-turns.ts';

const makeDecoder = contentDecoders();
const TEXT = Buffer.from('a text that is worth being compressed, '.repeat(5_000));

interface Decoded {
  readonly bytes: Buffer;
  readonly end: string;
  readonly pieces: number;
}

/** What becomes of bytes that come in pieces of this length. */
function decode(
  coding: ContentCoding,
  coded: Uint8Array,
  length = 1_000,
  make = makeDecoder,
): Promise<Decoded> {
  const pieces: Uint8Array[] = [];
  return new Promise((resolve) => {
    const finish = (end: string): void => {
      resolve({ bytes: Buffer.concat(pieces), end, pieces: pieces.length });
    };
    const decoder = make(coding, {
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

/** Destroys a decoder while a step of it is in the pool. */
function destroyed(coding: ContentCoding, coded: Uint8Array, make: MakeDecoder): Promise<void> {
  return new Promise((resolve, reject) => {
    const decoder = make(coding, {
      decoded: () => {
        decoder.destroy();
        resolve();
        return true;
      },
      drained: () => undefined,
      ended: () => reject(new Error(coding)),
      failed: (error) => reject(new Error(error)),
    });
    decoder.write(coded);
  });
}

/** How many steps of streams of these classes are in the pool, counted where they go in and come out: nothing else knows. */
function countSteps(streams: readonly object[]): { readonly most: number; stop(): void } {
  const handles = new Set<number>();
  let [now, most] = [0, 0];
  const restores = streams.map((stream) => {
    const { _handle: handle } = stream as { readonly _handle: object };
    const prototype = Object.getPrototypeOf(handle) as {
      write: (...parameters: unknown[]) => void;
    };
    const { write } = prototype;
    prototype.write = function (...parameters): void {
      most = Math.max(most, ++now);
      write.apply(this, parameters);
    };
    return (): void => {
      prototype.write = write;
    };
  });
  const hook = createHook({
    init: (id, type) => {
      if (type === 'ZLIB') handles.add(id);
    },
    before: (id) => {
      if (handles.has(id)) now--;
    },
  }).enable();
  return {
    get most(): number {
      return most;
    },
    stop: (): void => {
      hook.disable();
      for (const restore of restores) restore();
    },
  };
}

describe('many decoders', () => {
  for (const most of [1, 2])
    it(`have ${most} at once in the pool, destroyed ones too, and all come to their end`, async () => {
      const steps = countSteps([createGunzip(), createBrotliDecompress(), createZstdDecompress()]);
      const make = contentDecoders(new DecodingTurns(most));
      const results = CODED.flatMap((coded) => [coded, coded, coded]).map(
        ([coding, , bytes], count) =>
          decode(coding, bytes, [50, 1_000, 1_000_000][count % 3], make),
      );
      const dooms = CODED.map(([coding, , bytes]) => destroyed(coding, bytes, make));
      await Promise.all(dooms);
      for (const { bytes, end } of await Promise.all(results)) {
        assert.equal(end, 'ended');
        assert.ok(bytes.equals(TEXT));
      }
      steps.stop();
      assert.equal(steps.most, most);
    });
});

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

  it('refuses what asks for more memory than HTTP permits (RFC 9659)', async () => {
    const codedWith = (windowLog: number): Promise<Buffer> => {
      const params = { [constants.ZSTD_c_windowLog]: windowLog };
      const stream = createZstdCompress({ params });
      for (let count = 0; count < 20; count++) stream.write(Buffer.alloc(1_048_576, count));
      stream.end();
      return buffer(stream);
    };
    assert.equal((await decode('zstd', await codedWith(23))).end, 'ended');
    const { bytes, end } = await decode('zstd', await codedWith(24));
    assert.equal(end, 'ZSTD_error_frameParameter_windowTooLarge');
    assert.equal(bytes.length, 0);
  });

  it('passes zeros after gzip, and refuses whatever else comes after the end, however it is cut', async () => {
    const tails = ['\0\0\0', 'x', 'what does not belong to it'].map((tail) => Buffer.from(tail));
    const cases = CODED.flatMap((coded) => tails.map((tail) => [...coded, tail] as const));
    for (const [coding, what, coded, tail] of cases)
      for (const length of [1, 1_000, 1_000_000]) {
        const { end } = await decode(coding, Buffer.concat([coded, tail]), length);
        const isPadded = coding === 'gzip' && tail[0] === 0;
        assert.match(end, isPadded ? /^ended$/ : /^(?:Z_|ERR_TRAILING_JUNK|ZSTD_)/, what);
      }
  });

  it('takes frame after frame of zstd, however they are cut', async () => {
    const coded = Buffer.concat(
      ['a', '', 'b'.repeat(70_000), 'c'].map((text) => zstdCompressSync(text)),
    );
    for (const length of [1, 7, 1_000]) {
      const { bytes, end } = await decode('zstd', coded, length);
      assert.equal(end, 'ended');
      assert.equal(bytes.toString(), `a${'b'.repeat(70_000)}c`);
    }
  });

  it('says of how many coded bytes all so far was made, whatever else has come', async () => {
    const bomb = gzipSync(Buffer.alloc(8 * 1_048_576));
    const seen: number[] = [];
    const end = await new Promise<string>((resolve) => {
      const decoder = makeDecoder('gzip', {
        decoded: (_bytes, codedBytes) => seen.push(codedBytes) > 0,
        drained: () => undefined,
        ended: () => resolve('ended'),
        failed: resolve,
      });
      decoder.write(bomb);
      decoder.end();
    });
    assert.equal(end, 'ended');
    assert.ok((seen[0] ?? Infinity) < 200, String(seen[0]));
    assert.equal(seen.at(-1), bomb.length);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
  });

  it('says when there is room again, after it had none', async () => {
    const said: string[] = [];
    const coded = gzipSync(randomBytes(100_000));
    await new Promise<void>((resolve) => {
      const decoder = makeDecoder('gzip', {
        decoded: () => true,
        drained: () => {
          said.push('drained');
          setImmediate(() => decoder.end());
        },
        ended: resolve,
        failed: () => resolve(),
      });
      said.push(String(decoder.write(coded)));
      said.push(String(decoder.write(Buffer.alloc(0))));
    });
    assert.deepEqual(said, ['false', 'true', 'drained']);
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
    await decode('gzip', gzipSync(TEXT)); // as much work, which began later
    assert.deepEqual(said, []);
  });
});
