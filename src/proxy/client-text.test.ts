import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textLines, toldLine } from './client-text.ts';

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

describe('toldLine()', () => {
  it('is one line of printable ASCII, whatever the message', () => {
    assert.equal(textOf(toldLine('No such luck')), 'Zorp: No such luck\r\n');
    assert.equal(textOf(toldLine('a\r\nb\tc\0\u001b[2Jd\u009bé')), 'Zorp: a  b c??[2Jd??\r\n');
    assert.equal(toldLine('x'.repeat(5000)).length, 'Zorp: \r\n'.length + 200);
  });
});

describe('textLines()', () => {
  it('ends each line by CRLF', () => {
    assert.equal(textOf(textLines('')), '');
    assert.equal(textOf(textLines('one')), 'one\r\n');
    assert.equal(textOf(textLines('one\n\ntwö\r\n')), 'one\r\n\r\ntwö\r\n');
    assert.equal(textOf(textLines('\n')), '\r\n');
  });
});
