import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes } from '../../../test/support/latin1.ts';
import { decodeText, encodeText, oneLine } from './text-code.ts';

describe('texts', () => {
  it('are the same after a way through bytes', () => {
    for (const text of ['', 'a\0b', 'é', '\ufeffmark', '€ 😀']) {
      const bytes = encodeText(text, 'utf-8');
      assert.equal(bytes && decodeText(bytes, 'utf-8', 'client'), text);
    }
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    assert.equal(decodeText(toBytes(all), 'latin1', 'client'), all);
    assert.deepEqual(encodeText(all, 'latin1'), toBytes(all));
  });

  it('are refused when bytes are no UTF-8', () => {
    for (const wire of ['\xff', '\xc0\x80', '\xed\xa0\x80', '\xe2\x82'])
      assert.throws(() => decodeText(toBytes(wire), 'utf-8', 'server'), {
        code: 'custom.invalid-encoding',
        side: 'server',
      });
  });

  it('are not written if a character would be replaced', () => {
    assert.equal(encodeText('\ud800', 'utf-8'), undefined);
    assert.equal(encodeText('€', 'latin1'), undefined);
  });
});

describe('oneLine()', () => {
  it('makes what can be sent as a line', () => {
    assert.equal(oneLine('a\r\n\tb\0\x7f', 'utf-8'), 'a b ');
    assert.equal(oneLine('€\ud800', 'utf-8'), '€\ufffd');
    assert.equal(oneLine('é€', 'latin1'), 'é?');
  });
});
