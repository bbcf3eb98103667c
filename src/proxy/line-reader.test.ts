import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toBytes, toText } from '../../test/support/latin1.ts';
import type { LineEnd, LineReaderOptions, LongLines } from './line-reader.ts';
import { LineReader } from './line-reader.ts';
import { Violation } from './violation.ts';

const OPTIONS: LineReaderOptions = { protocol: 'test', side: 'client', maxLength: 10 };

/** What came of it: `a|` is a line, `a>` a piece of one, `a~` a line that was cut; a violation is its code. */
function linesOf(chunks: readonly string[], options: Partial<LineReaderOptions> = {}): string[] {
  const reader = new LineReader({ ...OPTIONS, ...options });
  const lines: string[] = [];
  try {
    for (const chunk of chunks) for (const line of feed(reader, chunk)) lines.push(line);
    const last = reader.end();
    if (last !== undefined) lines.push(`${toText(last.bytes)} at the end`);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    lines.push(error.code);
  }
  return lines;
}

/** The lines of one chunk, which is another one afterwards. */
function* feed(reader: LineReader, chunk: string): Generator<string> {
  const bytes = toBytes(chunk);
  let at = 0;
  for (let line; (line = reader.read(bytes, at)) !== undefined; at = reader.next) {
    const mark = line.isTruncated ? '~' : line.isComplete ? '|' : '>';
    yield toText(line.bytes) + mark;
  }
  bytes.fill(0xee);
}

function cut(text: string, lengths: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0; at < text.length; at += chunks.at(-1)?.length ?? 0)
    chunks.push(text.slice(at, at + (lengths[chunks.length % lengths.length] ?? 1)));
  return chunks;
}

describe('LineReader', () => {
  it('reads lines that end in CRLF or LF, and what is left at the end', () => {
    assert.deepEqual(linesOf(['a\r\nb\n\r\n\nc']), ['a|', 'b|', '|', '|', 'c at the end']);
    assert.deepEqual(linesOf(['a', '\r', '\nb', 'c\r', 'd\r\n', 'e\r']), [
      'a|',
      'bc\rd|',
      'e at the end',
    ]);
    assert.deepEqual(linesOf(['a\n']), ['a|']);
    assert.deepEqual(linesOf(['\r']), [' at the end']);
  });

  it('does not copy a line that came in one piece, and may be sent on in any case', () => {
    const reader = new LineReader(OPTIONS);
    const bytes = toBytes('whole\r\nhal');
    assert.equal(reader.read(bytes, 0)?.bytes.buffer, bytes.buffer);
    assert.equal(reader.next, 7);
    assert.equal(reader.read(bytes, reader.next), undefined);
    assert.ok(reader.isInside);
    const joined = reader.read(toBytes('f\r\n'), 0)?.bytes ?? new Uint8Array();
    assert.ok(!reader.isInside);
    reader.read(toBytes('oth'), 0);
    reader.read(toBytes('er\r\n'), 0);
    assert.equal(toText(joined), 'half');
  });

  it('demands what it is told to demand of line ends', () => {
    assert.deepEqual(linesOf(['a\r\nb\nc\r\n'], { lineEnd: 'crlf' }), [
      'a|',
      'test.bare-line-feed',
    ]);
    assert.deepEqual(linesOf(['a\r\nb\n'], { lineEnd: 'lf' }), ['a\r|', 'b|']);
    assert.deepEqual(linesOf(['a\r\n\0b\0c'], { lineEnd: 'nul' }), [
      'a\r\n|',
      'b|',
      'c at the end',
    ]);
  });

  it('refuses NUL bytes unless they are permitted', () => {
    assert.deepEqual(linesOf(['a\n\0\n']), ['a|', 'test.nul-byte']);
    assert.deepEqual(linesOf(['a\0', '\n'], { permitNul: true }), ['a\0|']);
  });

  it('refuses a line that is too long, whether or not it ends', () => {
    assert.deepEqual(linesOf(['0123456789\r\n']), ['0123456789|']);
    assert.deepEqual(linesOf(['0123456789a\r\n']), ['test.line-too-long']);
    assert.deepEqual(linesOf(['0123456789', 'a']), ['test.line-too-long']);
    assert.deepEqual(linesOf(['0123456789\r', 'a']), ['test.line-too-long']);
  });

  it('fails again after it has failed', () => {
    const reader = new LineReader(OPTIONS);
    const failure = { code: 'test.nul-byte', side: 'client' };
    assert.throws(() => reader.read(toBytes('\0\n'), 0), failure);
    assert.throws(() => reader.read(toBytes('a\n'), 0), failure);
    assert.throws(() => reader.end(), failure);
  });

  it('cuts long lines', () => {
    const options = { longLines: 'truncate', maxLength: 4 } as const;
    assert.deepEqual(linesOf(['abcd\r\nabcdef', 'gh\r', '\nabc\r\n'], options), [
      'abcd|',
      'abcd~',
      'abc|',
    ]);
    assert.deepEqual(linesOf(['abcde', 'fgh'], options), ['abcd at the end']);
  });

  it('splits long lines', () => {
    const options = { longLines: 'split', maxLength: 4 } as const;
    assert.deepEqual(linesOf(['abcdefghij\r\nabcd\r\n'], options), [
      'abcd>',
      'efgh>',
      'ij|',
      'abcd|',
    ]);
    assert.deepEqual(linesOf(['abcd\r', 'e\r\nab'], options), ['abcd>', '\re|', 'ab at the end']);
    assert.deepEqual(linesOf(['abcdefgh'], options), ['abcd>', 'efgh at the end']);
  });

  // The original pushes an "A" back in front of every line; here it is read first.
  it('reads the test vector of the original', () => {
    const reader = new LineReader({ ...OPTIONS, lineEnd: 'lf', longLines: 'truncate' });
    const chunks = ['1\n', '2\n', '3\n', '0123', '4567\n', '0123456789abc\n', 'abc\n', 'abcdef\n'];
    chunks.push('0123456789', 'abcdef\n', 'abcdef\n', '01234567', '89\n', 'abc', 'def');
    const lines: string[] = [];
    for (const chunk of chunks) {
      if (!reader.isInside) assert.equal(reader.read(toBytes('A'), 0), undefined);
      const bytes = toBytes(chunk);
      const line = reader.read(bytes, 0);
      if (line === undefined) continue;
      assert.equal(reader.next, bytes.length);
      lines.push(toText(line.bytes));
    }
    lines.push(toText(reader.end()?.bytes ?? ''));
    assert.deepEqual(lines, [
      ...['A1', 'A2', 'A3', 'A01234567', 'A012345678', 'Aabc', 'Aabcdef'],
      ...['A012345678', 'Aabcdef', 'A012345678', 'Aabcdef'],
    ]);
  });
});

describe('LineReader, whatever comes', () => {
  const options = fc.record({
    maxLength: fc.integer({ min: 1, max: 6 }),
    lineEnd: fc.constantFrom<LineEnd>('crlf-or-lf', 'crlf', 'lf', 'nul'),
    longLines: fc.constantFrom<LongLines>('fatal', 'truncate', 'split'),
    permitNul: fc.boolean(),
  });
  const piece = fc.constantFrom('a', 'bc', 'def', '\r', '\n', '\r\n', '\0', '\r\0', '\r\r\n');
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));

  it('reads the same lines from the same bytes in other chunks', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(options, text, sizes, (settings, all, lengths) => {
        const expected = linesOf([all], settings);
        assert.deepEqual(linesOf(cut(all, lengths), settings), expected);
        assert.deepEqual(linesOf(cut(all, [1]), settings), expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives no line longer than allowed, and loses nothing but line ends where it splits', () => {
    fc.assert(
      fc.property(options, text, (settings, all) => {
        const lines = linesOf([all], settings);
        const texts = lines.filter((line) => !line.startsWith('test.'));
        const contents = texts.map((line) => line.replace(/(?: at the end|[|>~])$/, ''));
        for (const content of contents) assert.ok(content.length <= settings.maxLength);
        if (settings.longLines !== 'split' || texts.length < lines.length) return;
        const isNul = settings.lineEnd === 'nul';
        const isReturnKept = isNul || settings.lineEnd === 'lf';
        const separator = isNul ? /\0/g : isReturnKept ? /\n/g : /\r?\n|\r$/g;
        assert.equal(contents.join(''), all.replace(separator, ''));
      }),
      { numRuns: 2000 },
    );
  });

  it('holds no more than a line, however long one gets', () => {
    const reader = new LineReader({ ...OPTIONS, maxLength: 1000, longLines: 'truncate' });
    const chunk = toBytes('x'.repeat(65_536));
    for (let count = 0; count < 64; count++) assert.equal(reader.read(chunk, 0), undefined);
    const line = reader.read(toBytes('\r\n'), 0);
    assert.equal(line?.bytes.length, 1000);
    assert.equal(line.isTruncated, true);
    // What was kept, all of it: a line and room for the CR of its end.
    assert.equal(line.bytes.buffer.byteLength, 1001);
  });
});
