import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formText, isFormType, readForm } from './form-fields.ts';

describe('formText()', () => {
  // As in the original.
  const vectors: readonly (readonly [text: string, decoded: string])[] = [
    ['7+8', '7 8'],
    ['pq%20r', 'pq r'],
    ['mn o', 'mn o'],
    ['%C3%A9%D0%96%3C%26%40', 'éЖ<&@'],
  ];
  for (const [text, decoded] of vectors)
    it(`makes ${JSON.stringify(decoded)} of ${text}`, () => {
      assert.equal(formText(text), decoded);
    });

  it('takes no broken escape and no other charset', () => {
    for (const text of ['%', '%4', '%4g', 'a%zz', '%E9', '%C3', '%C0%80', '%ED%A0%80'])
      assert.equal(formText(text), undefined, text);
  });

  it('reads what browsers write', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const written = new URLSearchParams([['a', value]]).toString().slice(2);
        assert.equal(formText(written), value.isWellFormed() ? value : formText(written));
      }),
    );
  });
});

describe('readForm()', () => {
  it('reads fields', () => {
    const form = readForm('user=alice&password=a%26b%3Dc&ticket=');
    assert.deepEqual(
      [...(form ?? [])],
      [
        ['user', 'alice'],
        ['password', 'a&b=c'],
        ['ticket', ''],
      ],
    );
  });

  it('takes no field twice, however it is written, and not too many', () => {
    assert.equal(readForm('a=1&a=2'), undefined);
    assert.equal(readForm('a=1&%61=2'), undefined);
    assert.equal(readForm('a=%'), undefined);
    assert.equal(
      readForm(Array.from({ length: 17 }, (_one, at) => `f${at}=1`).join('&')),
      undefined,
    );
  });
});

describe('isFormType()', () => {
  it('takes UTF-8 and ASCII', () => {
    for (const type of ['', '; charset=utf-8', ';charset=UTF-8', '; charset="US-ASCII"'])
      assert.equal(isFormType(`application/x-www-form-urlencoded${type}`), true, type);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded; charset=latin1', ''])
      assert.equal(isFormType(type), false, type);
  });
});
