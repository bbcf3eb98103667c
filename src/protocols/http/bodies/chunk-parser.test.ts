import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import { Violation } from '../../../proxy/violation.ts';
import { ChunkParser } from './chunk-parser.ts';

const LIMITS = { maxLineLength: 100, maxHeadBytes: 200, maxHeaderLines: 3, maxChunkLength: 0 };

interface Reading {
  readonly data: string;
  readonly sizes: readonly number[];
  readonly rest?: string;
}

/** Reads a body in chunks of bytes of this size: its data, the sizes, and what was left. */
function readBody(parser: ChunkParser, text: string, size: number): Reading {
  const sizes: number[] = [];
  let data = '';
  for (let from = 0; from < text.length; from += size) {
    const bytes = toBytes(text.slice(from, from + size));
    parser.at = 0;
    for (;;) {
      const { at } = parser;
      const step = parser.read(bytes);
      if (step === 'complete') return { data, sizes, rest: text.slice(from + parser.at) };
      if (step === 'starved') break;
      if (step === 'size') sizes.push(parser.remaining);
      if (step === 'data') data += toText(bytes.subarray(at, parser.at));
    }
  }
  return { data, sizes };
}

/** The same, or the code of what was wrong. */
function read(text: string, size = Infinity, limits = LIMITS): Reading | string {
  try {
    return readBody(new ChunkParser('client', limits), text, size);
  } catch (error) {
    assert.ok(error instanceof Violation);
    return error.code;
  }
}

describe('ChunkParser', () => {
  for (const [text, expected] of [
    ['5\r\nhello\r\n0\r\n\r\n', { data: 'hello', sizes: [5], rest: '' }],
    ['0\r\n\r\nGET', { data: '', sizes: [], rest: 'GET' }],
    ['00a\r\n0123456789\r\n000\r\n\r\n', { data: '0123456789', sizes: [10], rest: '' }],
    [
      '1;a;b="c d"\r\nx\r\nB\r\nhello world\r\n0;e\r\nX: y\r\nZ: \r\n\r\nx',
      { data: 'xhello world', sizes: [1, 11], rest: 'x' },
    ],
    ['5\r\nhel', { data: 'hel', sizes: [5] }],
  ] as const)
    it(`reads ${JSON.stringify(text)}`, () => {
      for (const size of [Infinity, 1, 2, 5]) assert.deepEqual(read(text, size), expected);
    });

  for (const [text, code] of [
    ['\r\n', 'bad-chunk-size'],
    ['x\r\n', 'bad-chunk-size'],
    ['0x5\r\n', 'bad-chunk-size'],
    ['+5\r\n', 'bad-chunk-size'],
    ['-5\r\n', 'bad-chunk-size'],
    ['5_0\r\n', 'bad-chunk-size'],
    [' 5\r\n', 'bad-chunk-size'],
    ['5 \r\n', 'bad-chunk-size'],
    ['5 ;a\r\n', 'bad-chunk-size'],
    ['5\n', 'bad-chunk-size'],
    ['20000000000000\r\n', 'bad-chunk-size'],
    ['00000000000001\r\n', 'bad-chunk-size'],
    ['ffffffffffffffff\r\n', 'bad-chunk-size'],
    ['5\rX', 'bad-chunk'],
    ['5;\r\n', 'bad-chunk-extension'],
    ['5;a\n', 'bad-chunk-extension'],
    ['1\r\nxy', 'bad-chunk'],
    ['1\r\nx\n', 'bad-chunk'],
    ['1\r\nx\rX', 'bad-chunk'],
    ['0\r\nX : y\r\n', 'blank-in-name'],
    ['0\r\nX: y\n', 'bare-lf'],
    ['0\r\nContent-Length: 5\r\n\r\n', 'forbidden-trailer'],
    ['0\r\nA: 1\r\ntransfer-encoding: chunked\r\n\r\n', 'forbidden-trailer'],
    ['0\r\nHost: other\r\n\r\n', 'forbidden-trailer'],
    ['0\r\n\rX', 'bare-cr'],
    ['0\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n', 'too-many-fields'],
  ] as const)
    it(`refuses ${JSON.stringify(text)}`, () => {
      for (const size of [Infinity, 1, 2]) assert.equal(read(text, size), `http.${code}`);
    });

  it('takes sizes up to 2^53 - 1', () => {
    assert.deepEqual(read('1fffffffffffff\r\n'.slice(1)), { data: '', sizes: [2 ** 52 - 1] });
  });

  it('bounds the length of a chunk', () => {
    assert.equal(read('6\r\n', Infinity, { ...LIMITS, maxChunkLength: 5 }), 'http.chunk-too-long');
  });

  it('goes on after bytes that somebody else has moved', () => {
    const parser = new ChunkParser('server', LIMITS);
    assert.equal(parser.read(toBytes('5\r\n')), 'size');
    parser.skip(5);
    parser.at = 0;
    assert.equal(parser.read(toBytes('\r\n')), 'chunk-end');
  });
});

describe('ChunkParser, whole chunks in canonical form', () => {
  function skip(text: string, maxData = Infinity, maxChunkLength = 0): [data: number, at: number] {
    const parser = new ChunkParser('client', { ...LIMITS, maxChunkLength });
    return [parser.skipWhole(toBytes(text), maxData), parser.at];
  }

  for (const [text, data, rest] of [
    ['1\r\nx\r\n5\r\nhello\r\n', 6, ''],
    ['f\r\n0123456789abcde\r\n0\r\n\r\n', 15, '0\r\n\r\n'],
    ['1\r\nx\r\n2\r\ny', 1, '2\r\ny'],
    ['1\r\nx\r\n1\r\nx\r', 1, '1\r\nx\r'],
    ['1\r\nx\r\n1', 1, '1'],
    ['01\r\nx\r\n', 0, '01\r\nx\r\n'],
    ['1;e\r\nx\r\n', 0, '1;e\r\nx\r\n'],
    ['A\r\n0123456789\r\n', 0, 'A\r\n0123456789\r\n'],
    ['1\r\nxy\r\n', 0, '1\r\nxy\r\n'],
    ['1\n\nx\r\n', 0, '1\n\nx\r\n'],
    ['', 0, ''],
  ] as const)
    it(`passes over ${data} bytes of data in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(skip(text), [data, text.length - rest.length]);
    });

  it('counts sizes of up to four digits', () => {
    for (const size of [0x10, 0xff, 0x100, 0xfff, 0x1000, 0xffff]) {
      const text = `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
      assert.deepEqual(skip(text), [size, text.length]);
    }
    const long = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    assert.deepEqual(skip(long), [0, 0]);
  });

  it('stops before what is longer than allowed, and within a chunk', () => {
    assert.deepEqual(skip('1\r\nx\r\n2\r\nxx\r\n', 2), [1, 6]);
    assert.deepEqual(skip('1\r\nx\r\n2\r\nxx\r\n', Infinity, 1), [1, 6]);
    const parser = new ChunkParser('client', LIMITS);
    parser.read(toBytes('2\r\n'));
    parser.at = 0;
    assert.equal(parser.skipWhole(toBytes('1\r\nx\r\n'), Infinity), 0);
    const begun = new ChunkParser('client', LIMITS);
    begun.read(toBytes('1'));
    begun.at = 0;
    assert.equal(begun.skipWhole(toBytes('1\r\nx\r\n'), Infinity), 0);
  });
});

describe('ChunkParser, one whole chunk however its size is written', () => {
  function skip(text: string, maxData = Infinity, maxChunkLength = 0): [data: number, at: number] {
    const parser = new ChunkParser('client', { ...LIMITS, maxChunkLength });
    return [parser.skipOdd(toBytes(text), maxData), parser.at];
  }

  for (const [text, data, length] of [
    ['1\r\nx\r\n1\r\ny\r\n', 1, 6],
    ['0001\r\nx\r\n', 1, 9],
    ['A\r\n0123456789\r\n', 10, 15],
    ['0000000000001\r\nx\r\n', 1, 18],
    ['00000000000001\r\nx\r\n', 0, 0],
    ['00\r\n\r\n', 0, 0],
    ['000', 0, 0],
    ['01\r\nx\r', 0, 0],
    ['01;e\r\nx\r\n', 0, 0],
    ['01\r\nxy\r\n', 0, 0],
    ['01\n\nx\r\n', 0, 0],
    ['fffffffffffff\r\nx\r\n', 0, 0],
    ['g\r\nx\r\n', 0, 0],
    ['', 0, 0],
  ] as const)
    it(`passes over ${data} bytes of data in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(skip(text), [data, length]);
    });

  it('leaves what is longer than allowed, and the middle of a chunk', () => {
    assert.deepEqual(skip('02\r\nxx\r\n', 1), [0, 0]);
    assert.deepEqual(skip('02\r\nxx\r\n', Infinity, 1), [0, 0]);
    const parser = new ChunkParser('client', LIMITS);
    parser.read(toBytes('0'));
    parser.at = 0;
    assert.equal(parser.skipOdd(toBytes('1\r\nx\r\n'), Infinity), 0);
  });
});
