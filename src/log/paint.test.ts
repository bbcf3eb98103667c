import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paintFor, plainPaint } from './paint.ts';

describe('paintFor()', () => {
  it('paints on a terminal', () => {
    assert.equal(paintFor(true, {})('red', 'no'), '\u001b[31mno\u001b[0m');
    assert.equal(
      paintFor(true, { NO_COLOR: '', TERM: 'xterm' })('dim', 'no'),
      '\u001b[2mno\u001b[0m',
    );
  });

  it('paints nothing elsewhere, with NO_COLOR, and on a dumb terminal', () => {
    assert.equal(paintFor(false, {})('red', 'no'), 'no');
    assert.equal(paintFor(true, { NO_COLOR: '1' })('red', 'no'), 'no');
    assert.equal(paintFor(true, { TERM: 'dumb' })('red', 'no'), 'no');
    assert.equal(plainPaint('bold', 'no'), 'no');
  });
});
