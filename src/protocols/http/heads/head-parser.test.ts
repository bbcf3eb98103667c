import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import { Violation } from '../../../proxy/violation.ts';
import { HeadParser } from './head-parser.ts';
import type { Head } from './head.ts';
import { HeaderTable, HOST } from './header-table.ts';

const LIMITS = { maxLineLength: 30, maxHeadBytes: 100, maxHeaderLines: 4 };

function newParser(maxEmptyLines = 3): HeadParser<string> {
  return new HeadParser({
    side: 'client',
    limits: LIMITS,
    names: new HeaderTable(['x-policy']),
    maxEmptyLines,
    readLine: (bytes, start, end) => toText(bytes.subarray(start, end)),
  });
}

function show(head: Head<string>): unknown {
  const fields = Array.from({ length: head.count }, (_, index) => [
    head.id(index),
    head.name(index),
    head.value(index),
    toText(head.bytes.subarray(head.lineStart(index), head.lineStart(index + 1))),
  ]);
  return { line: head.line, fields, text: toText(head.bytes.subarray(head.base, head.end)) };
}

/** Reads a stream in chunks of these sizes; gives what was read, the rest, or the code of the violation. */
function read(text: string, size: number): unknown {
  const parser = newParser();
  try {
    for (let from = 0; from < text.length; from += size) {
      const chunk = toBytes(text.slice(from, from + size));
      const head = parser.read(chunk, 0);
      if (head !== undefined) return { head: show(head), rest: text.slice(from + parser.next) };
    }
    return { isInside: parser.isInside };
  } catch (error) {
    assert.ok(error instanceof Violation);
    return error.code;
  }
}

describe('HeadParser', () => {
  it('gives offsets, ids and what follows', () => {
    assert.deepEqual(
      read('\r\nline\r\nHOST:\t a b \r\nx-POLICY: 1\r\nOther:\r\n\r\nrest', Infinity),
      {
        head: {
          line: 'line',
          fields: [
            [HOST, 'HOST', 'a b', 'HOST:\t a b \r\n'],
            [new HeaderTable(['x-policy']).idOf('X-Policy'), 'x-POLICY', '1', 'x-POLICY: 1\r\n'],
            [-1, 'Other', '', 'Other:\r\n'],
          ],
          text: 'line\r\nHOST:\t a b \r\nx-POLICY: 1\r\nOther:\r\n\r\n',
        },
        rest: 'rest',
      },
    );
  });

  for (const [what, text, code] of [
    ['a bare LF', 'line\nA: b\r\n', 'bare-lf'],
    ['a bare LF after a value', 'line\r\nA: b\nC: d\r\n', 'bare-lf'],
    ['a bare LF after a name', 'line\r\nA\n', 'bare-lf'],
    ['a bare CR', 'line\r\nA: b\rC: d\r\n', 'bare-cr'],
    ['a bare CR in the first line', 'li\rne\r\n', 'bare-cr'],
    ['a bare CR at the end', 'line\r\nA: b\r\n\rX', 'bare-cr'],
    ['a bare CR before the head', '\rX', 'bare-cr'],
    ['NUL in a value', 'line\r\nA: \0\r\n', 'control-byte'],
    ['DEL in a value', 'line\r\nA: \x7f\r\n', 'control-byte'],
    ['a control byte in a name', 'line\r\nA\x01: b\r\n', 'control-byte'],
    ['a control byte in the first line', 'li\x0bne\r\n', 'control-byte'],
    ['folding', 'line\r\nA: b\r\n c\r\n\r\n', 'obs-fold'],
    ['folding of the first line', 'line\r\n\tc\r\n\r\n', 'obs-fold'],
    ['a line of blanks', 'line\r\nA: b\r\n \r\n\r\n', 'obs-fold'],
    ['a blank before the colon', 'line\r\nA : b\r\n', 'blank-in-name'],
    ['a tab before the colon', 'line\r\nA\t: b\r\n', 'blank-in-name'],
    ['no name', 'line\r\n: b\r\n', 'empty-name'],
    ['no colon', 'line\r\nA\r\n', 'no-colon'],
    ['a name that is no token', 'line\r\nA@: b\r\n', 'bad-name'],
    ['a name with a high byte', 'line\r\nA\xe9: b\r\n', 'bad-name'],
    ['a fourth empty line', '\r\n\r\n\r\n\r\n', 'empty-line'],
    ['a long first line', `${'x'.repeat(31)}\r\n`, 'first-line-too-long'],
    ['a long value', `line\r\nA: ${'x'.repeat(28)}\r\n`, 'header-line-too-long'],
    ['a long name', `line\r\n${'x'.repeat(31)}`, 'header-line-too-long'],
    ['one field too many', `line\r\n${'A: b\r\n'.repeat(5)}\r\n`, 'too-many-fields'],
    ['a long head', `line\r\n${`A: ${'x'.repeat(24)}\r\n`.repeat(4)}\r\n`, 'head-too-long'],
  ] as const)
    it(`refuses ${what}, however it is cut`, () => {
      for (const size of [Infinity, 1, 2, 3, 7]) assert.equal(read(text, size), `http.${code}`);
    });

  it('takes what is exactly as long as allowed', () => {
    const line = `${'x'.repeat(30)}\r\n`;
    const fields = `${`A: ${'x'.repeat(16)}\r\n`.repeat(3)}B:\r\n\r\n`;
    assert.equal((line + fields).length, 101);
    for (const size of [Infinity, 1])
      assert.ok(JSON.stringify(read(line.slice(1) + fields, size)).includes('rest'));
  });

  it('finds the same, however it is cut', () => {
    const piece = fc.constantFrom(
      '\r\n',
      'A: b',
      ':',
      ' ',
      'line',
      '\r',
      '\n',
      'x'.repeat(20),
      '\0',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (pieces, size) => {
          const text = pieces.join('');
          assert.deepEqual(read(text, size), read(text, Infinity));
        },
      ),
    );
  });

  it('reads one head after the other', () => {
    const parser = newParser(0);
    const bytes = toBytes('one\r\n\r\ntwo\r\nA: b\r\n\r\n');
    assert.equal(parser.read(bytes, 0)?.line, 'one');
    assert.equal(parser.read(bytes, parser.next)?.line, 'two');
    assert.equal(parser.next, bytes.length);
  });

  it('reads trailers, which have no first line', () => {
    const grammar = {
      side: 'server',
      limits: LIMITS,
      names: new HeaderTable(),
      maxEmptyLines: 0,
    } as const;
    const parser = new HeadParser({ ...grammar, readLine: undefined, noLine: undefined });
    assert.equal(parser.read(toBytes('A: b\r\n\r\n'), 0)?.count, 1);
    assert.equal(parser.read(toBytes('\r\n'), 0)?.count, 0);
  });
});
