import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest } from '../../../../test/support/http-heads.ts';
import { toBytes } from '../../../../test/support/latin1.ts';

describe('the texts of fields', () => {
  const wire = toBytes(
    'GET / HTTP/1.1\r\nHost: a\r\nX-Two:  1 \t\r\nEmpty:\r\nx-two: \xe9\r\n\r\nHost: b',
  );
  const texts = parsedRequest(wire).texts();
  wire.fill(0x78); // the bytes of the event are somebody else's now

  it('are those of the head, without blanks around values, and no others', () => {
    const fields = Array.from({ length: texts.count }, (_, at) => [
      texts.name(at),
      texts.value(at),
    ]);
    assert.deepEqual(fields, [
      ['Host', 'a'],
      ['X-Two', '1'],
      ['Empty', ''],
      ['x-two', '\xe9'],
    ]);
  });

  it('are found by name, in whatever case, from a place on', () => {
    assert.equal(texts.find('X-TWO', 0), 1);
    assert.equal(texts.find('x-Two', 2), 3);
    assert.equal(texts.find('x-two', 4), -1);
    assert.equal(texts.find('empty', 0), 2);
  });

  it('are not found by what is no name', () => {
    // U+017F is a small letter of U+0053 for some, and U+0128 has the low byte of a parenthesis.
    for (const name of ['', 'hos', 'hosts', 'hos\u017f', 'Empt\u0128', 'x two', 'x-tw:', '\0ost'])
      assert.equal(texts.find(name, 0), -1);
  });
});
