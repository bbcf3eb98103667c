import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineFault, listLines, toldFaults } from './list-lines.ts';

function read(text: string): string[] {
  return [...listLines(text)].map(({ line, text }) => `${line} ${text}`);
}

describe('listLines()', () => {
  it('gives entries with their lines, whatever ends them', () => {
    assert.deepEqual(read('a\nb\r\nc'), ['1 a', '2 b', '3 c']);
  });

  it('reads on after a blank line: the original stopped there', () => {
    assert.deepEqual(read('a\n\n \t\nb\n\n'), ['1 a', '4 b']);
  });

  it('skips comments, and white space around entries', () => {
    assert.deepEqual(read('# one\n  # two\n  a # b \n'), ['3 a # b']);
  });

  it('skips a byte order mark', () => assert.deepEqual(read('\uFEFFa\n'), ['1 a']));

  it('finds nothing in nothing', () => {
    for (const text of ['', '\n', '\uFEFF', '# x']) assert.deepEqual(read(text), []);
  });
});

describe('toldFaults()', () => {
  const faults = (count: number) =>
    Array.from({ length: count }, (_, index) => lineFault({ line: index + 1, text: 'x' }, 'y'));

  it('tells all of a few, and the first of many', () => {
    assert.deepEqual(faults(1), [{ line: 1, value: '"x"', cure: 'y' }]);
    assert.deepEqual(toldFaults(faults(20)), faults(20));
    const told = toldFaults(faults(1_000_000));
    assert.equal(told.length, 21);
    assert.equal(told[20]?.value, '999980 more lines');
  });
});
