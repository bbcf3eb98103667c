import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDecimal } from './decimal.ts';

describe('parseDecimal()', () => {
  it('reads what a number prints as', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (value) => {
        assert.equal(parseDecimal(String(value), 999_999_999), value);
      }),
    );
  });

  it('refuses what is above the maximum', () => {
    assert.equal(parseDecimal('255', 255), 255);
    assert.equal(parseDecimal('256', 255), undefined);
    assert.equal(parseDecimal('99999999999999999999', 255), undefined);
  });

  it('refuses every other spelling', () => {
    for (const text of ['', '00', '01', '+1', '-1', '-0', ' 1', '1 ', '1\n', '1.0', '1e2', '0x1']) {
      assert.equal(parseDecimal(text, 255), undefined, JSON.stringify(text));
    }
    assert.equal(parseDecimal('\u0661', 255), undefined); // an Arabic one is a digit to Unicode, not to us
  });

  it('reads a text only if the number prints as that text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('0123456789+-. ex')) }),
        (text) => {
          const value = parseDecimal(text, 999_999_999);
          if (value !== undefined) assert.equal(String(value), text);
        },
      ),
    );
  });
});
