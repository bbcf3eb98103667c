import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../test/support/latin1.ts';
import type { AnswerFrame, OwnAnswer } from './own-answer.ts';
import { fieldLines, writeAnswer } from './own-answer.ts';

function written(answer: Partial<OwnAnswer>, frame: Partial<AnswerFrame> = {}): string {
  return toText(
    writeAnswer(
      { action: 'answer', status: 200, fields: 'A: b\r\n', body: toBytes('hi'), ...answer },
      { method: 'GET', minor: 1, keepsClient: true, ...frame },
    ),
  );
}

describe('writeAnswer()', () => {
  it('frames an answer by its length', () => {
    assert.equal(written({}), 'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nhi');
  });

  it('sends no body in answer to HEAD, but its length', () => {
    assert.match(written({}, { method: 'HEAD' }), /\r\nContent-Length: 2\r\n\r\n$/);
  });

  it('sends neither body nor length with 204 and 304', () => {
    for (const status of [204, 304])
      assert.doesNotMatch(written({ status }), /Content-Length|hi$/, String(status));
  });

  it('says a length of zero where there is no body', () => {
    assert.match(
      written({ body: new Uint8Array(0), status: 205 }),
      /205 Reset Content\r\nA: b\r\nContent-Length: 0\r\n\r\n$/,
    );
  });

  it('says whether the connection stays', () => {
    assert.match(written({}, { keepsClient: false }), /\r\nConnection: close\r\n\r\n/);
    assert.match(written({}, { minor: 0 }), /\r\nConnection: keep-alive\r\n\r\n/);
    assert.match(written({}, { minor: 0, keepsClient: false }), /2\r\nConnection: close\r\n\r\n/);
  });
});

describe('fieldLines()', () => {
  it('writes fields', () => {
    assert.equal(fieldLines(), '');
    assert.equal(
      fieldLines([
        ['A', 'b'],
        ['C', ''],
      ]),
      'A: b\r\nC: \r\n',
    );
  });

  it('writes nothing that could begin another field or answer', () => {
    for (const [name, value] of [
      ['A', 'b\r\nSet-Cookie: x'],
      ['A', 'b\n'],
      ['A', '\0'],
      ['A\r\nB', 'c'],
      ['A: b', 'c'],
      ['', 'c'],
      ['A', '\u0100'],
    ] as const)
      assert.throws(() => fieldLines([[name, value]]), /control character/, JSON.stringify(value));
  });
});
