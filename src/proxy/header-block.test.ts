import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toBytes, toText } from '../../test/support/latin1.ts';
import { HeaderBlock } from './header-block.ts';

/** The body of a message that comes in pieces of a length. */
function bodyOf(message: string, pieceLength = message.length, maxBytes = 100): string {
  const header = new HeaderBlock(maxBytes);
  let body = '';
  for (let at = 0; at < message.length; at += pieceLength)
    body += toText(header.take(toBytes(message.slice(at, at + pieceLength))));
  if (header.isTooLong) return 'too long';
  return header.isOver ? body : 'no end';
}

describe('the header of a message', () => {
  for (const [message, body] of [
    ['A: b\r\nC: d\r\n\r\nbody', 'body'],
    ['A: b\nC: d\n\nbody', 'body'],
    ['A: b\n\r\nbody', 'body'],
    ['\r\nbody\r\n\r\nmore', 'body\r\n\r\nmore'],
    ['\n\n', '\n'],
    ['A: b\r\n\r\n', ''],
    ['A: b\r\n \r\n\r\nbody', 'body'],
    ['A: b\r\n', 'no end'],
    ['A\r\r\nbody', 'no end'],
    [`A: ${'b'.repeat(100)}\r\n\r\nbody`, 'too long'],
  ] as const)
    it(`of ${JSON.stringify(message).slice(0, 40)} is taken off, however it is cut`, () => {
      for (const length of [1, 2, 3, message.length])
        assert.equal(bodyOf(message, length), body, `pieces of ${length}`);
    });

  it('never loses or adds a byte behind it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 1, max: 70 }), (body, length) => {
        const latin = toText(toBytes(body));
        assert.equal(bodyOf(`X: y\r\n\r\n${latin}`, length), latin);
      }),
    );
  });
});
