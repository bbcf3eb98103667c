import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import { HeadParser, tableFor } from './head-parser.ts';
import type { HeadGrammar } from './head-grammar.ts';
import type { Head } from './head.ts';
import { HeaderTable, HOST } from './header-table.ts';
import { wholeHead } from './whole-head.ts';

const GRAMMAR: HeadGrammar<string> = {
  side: 'client',
  limits: { maxLineLength: 20, maxHeadBytes: 60, maxHeaderLines: 2 },
  names: new HeaderTable(),
  maxEmptyLines: 1,
  readLine: (bytes, start, end) => toText(bytes.subarray(start, end)),
};

function read(text: string, from = 0): Head<string> | undefined {
  return wholeHead(GRAMMAR, tableFor(GRAMMAR.limits), toBytes(text), from);
}

/** What a parser reads that is given a byte at a time, which nothing is whole for. */
function readSlowly(text: string): Head<string> | undefined {
  const parser = new HeadParser(GRAMMAR);
  let head: Head<string> | undefined;
  for (let at = 0; at < text.length && head === undefined; at++)
    head = parser.read(toBytes(text.charAt(at)), 0);
  return head;
}

function show(head: Head<string> | undefined): unknown {
  if (head === undefined) return undefined;
  const fields = Array.from({ length: head.count }, (_, index) => [
    head.id(index),
    head.name(index),
    head.value(index),
    head.lineStart(index + 1) - head.base,
  ]);
  return { line: head.line, fields, length: head.end - head.base };
}

describe('wholeHead()', () => {
  it('knows whether all fields stand in canonical form', () => {
    for (const [fields, isCanonical] of [
      ['', true],
      ['A: b\r\nC: \r\n', true],
      ['A:b\r\nC: d\r\n', false],
      ['A: b\r\nC:  d\r\n', false],
      ['A:\tb\r\n', false],
      ['A: b \r\nC: d\r\n', false],
      ['A:\r\n', false],
    ] as const)
      assert.equal(read(`x\r\n${fields}\r\n`)?.isCanonical, isCanonical);
  });

  it('reads a head in the middle of bytes', () => {
    assert.deepEqual(show(read('xxline\r\nhOST: \ta \r\nB: \t\r\n\r\nrest', 2)), {
      line: 'line',
      fields: [
        [HOST, 'hOST', 'a', 17],
        [-1, 'B', '', 23],
      ],
      length: 25,
    });
  });

  for (const [what, text] of [
    ['a part', 'line\r\nA: 1\r\n\r'],
    ['an empty line first', '\r\nline\r\n\r\n'],
    ['a bare LF', 'line\r\nA: 1\n\r\n'],
    ['no name', 'line\r\n: 1\r\n\r\n'],
    ['no colon', 'line\r\nA\r\n\r\n'],
    ['a line that is too long', `line\r\nA: ${'1'.repeat(18)}\r\n\r\n`],
    ['a first line that is too long', `${'l'.repeat(21)}\r\n\r\n`],
    ['too many fields', 'line\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n'],
    ['a head that is too long', `line\r\nA: ${'1'.repeat(17)}\r\nB: ${'1'.repeat(27)}\r\n\r\n`],
  ] as const)
    it(`leaves ${what} to the parser`, () => {
      assert.equal(read(text), undefined);
    });

  it('reads what the parser reads, and nothing else', () => {
    const text = fc
      .array(fc.constantFrom('line', 'A', 'Host', ':', ' ', '\t', '\r\n', '\r\n\r\n', 'x'), {
        maxLength: 14,
      })
      .map((parts) => `${parts.join('')}\r\n\r\n`);
    fc.assert(
      fc.property(text, (wire) => {
        const whole = show(read(wire));
        if (whole !== undefined) assert.deepEqual(whole, show(readSlowly(wire)));
      }),
      { numRuns: 2000 },
    );
  });
});
