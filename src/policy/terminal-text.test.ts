import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alignColumns, terminalText } from './terminal-text.ts';

describe('terminalText()', () => {
  it('leaves nothing that could command a terminal or turn the text around', () => {
    const table = {
      'a\u001b[2Jb': 'a\\u{1b}[2Jb',
      'a\nb\r': 'a\\u{a}b\\u{d}',
      '\u009b31m': '\\u{9b}31m',
      '\u202eabc': '\\u{202e}abc',
      '\ud800': '\\u{d800}',
      'zöne ✓ 日本': 'zöne ✓ 日本',
    };
    for (const [text, safe] of Object.entries(table)) assert.equal(terminalText(text), safe);
  });
});

describe('alignColumns()', () => {
  it('pads every column but the last', () => {
    assert.deepEqual(alignColumns([['a', 'bbb', 'c'], ['aaa', '', 'ccc'], ['a']]), [
      'a    bbb  c',
      'aaa       ccc',
      'a',
    ]);
    assert.deepEqual(alignColumns([]), []);
  });
});
