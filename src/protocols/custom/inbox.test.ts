import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../test/support/latin1.ts';
import { Violation } from '../../proxy/violation.ts';
import { Inbox } from './inbox.ts';

function filled(...chunks: string[]): Inbox {
  const inbox = new Inbox('client', { maxLength: 5, lineEnd: 'crlf-or-lf' });
  chunks.forEach((chunk, turn) => {
    inbox.push(toBytes(chunk), turn);
  });
  return inbox;
}

function lineOf(inbox: Inbox): string | undefined {
  const line = inbox.takeLine();
  return line === undefined ? undefined : toText(line);
}

describe('an inbox', () => {
  it('gives lines and bytes in turn, whatever the chunks were', () => {
    for (const chunks of [['ab\r\n\ncdef', 'g'], Array.from('ab\r\n\ncdefg')]) {
      const inbox = filled(...chunks);
      assert.equal(lineOf(inbox), 'ab');
      assert.equal(lineOf(inbox), '');
      assert.equal(lineOf(inbox), undefined);
      assert.equal(toText(inbox.take(2)), 'cd');
      inbox.push(toBytes('\nh'), 9);
      assert.equal(lineOf(inbox), 'efg');
      assert.equal(toText(inbox.take(Infinity)), 'h');
      assert.equal(inbox.length, 0);
      assert.equal(inbox.take(1).length, 0);
    }
  });

  it('does not take what an end cut short for a line', () => {
    const inbox = filled('DELE 1');
    inbox.end(1);
    assert.equal(lineOf(filled('DEL')), undefined);
    assert.equal(toText(inbox.take(Infinity)), 'DELE 1');
    inbox.push(toBytes('after the end\n'), 2);
    assert.equal(inbox.length, 0);
  });

  it('gives copies, and keeps none of the bytes that it was lent', () => {
    const bytes = toBytes('ab\ncd\n');
    const inbox = new Inbox('server', { maxLength: 5, lineEnd: 'lf' });
    inbox.push(bytes, 0);
    bytes.fill(0);
    const line = inbox.takeLine();
    assert.equal(line?.buffer.byteLength, 2);
    line.fill(0);
    assert.equal(lineOf(inbox), 'cd');
  });

  it('refuses what is no line', () => {
    const codes = {
      'toolong\n': 'custom.line-too-long',
      endless: 'custom.line-too-long',
      'a\0b\n': 'custom.nul-byte',
      'a\rb\n': 'custom.bare-carriage-return',
      'a\r\r\n': 'custom.bare-carriage-return',
    };
    for (const [text, code] of Object.entries(codes))
      for (const chunks of [[text], Array.from(text)])
        assert.throws(
          () => filled(...chunks).takeLine(),
          (error) => error instanceof Violation && error.code === code && error.side === 'client',
          text,
        );
    assert.equal(lineOf(filled('sixes\r\n')), 'sixes');
    assert.equal(lineOf(filled('sixes\r')), undefined); // the CR may be half of a line end
  });
});

describe('the turns of an inbox', () => {
  it('are those in which the next bytes came, and the next line was complete', () => {
    const inbox = filled('a', 'b\nc', '\n', 'd');
    assert.deepEqual([inbox.bytesTurn, inbox.lineTurn], [0, 1]);
    inbox.takeLine();
    assert.deepEqual([inbox.bytesTurn, inbox.lineTurn], [1, 2]);
    inbox.takeLine();
    assert.deepEqual([inbox.bytesTurn, inbox.lineTurn], [3, undefined]);
    inbox.end(7);
    inbox.end(8);
    assert.deepEqual([inbox.bytesTurn, inbox.lineTurn], [3, 7]);
    inbox.take(1);
    assert.deepEqual([inbox.bytesTurn, inbox.lineTurn], [7, 7]);
  });

  it('tell of a line that is too long when it is, not when it ends', () => {
    assert.equal(filled('abcdefg', 'h\n').lineTurn, 0);
    assert.equal(filled('abcdef', 'g\n').lineTurn, 1);
  });

  it('are bounded: of too many, the last ones count as one', () => {
    const inbox = filled(...Array.from('a'.repeat(2000)));
    assert.equal(inbox.bytesTurn, 0);
    inbox.take(1500);
    assert.equal(inbox.bytesTurn, 1023);
    assert.equal(inbox.length, 500);
  });
});
