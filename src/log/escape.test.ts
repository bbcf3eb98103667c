import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  boundText,
  escapeJson,
  escapeText,
  MAX_TEXT_LENGTH,
  quoteText,
  toSafeJson,
} from './escape.ts';

/** Any text, with far more of the dangerous characters than chance would give, lone surrogates among them. */
const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\n',
      '\r',
      '\u001b',
      '\u007f',
      '\u009b',
      '\u2028',
      '\u2029',
      '\ud800',
      '\udfff',
    ),
    fc.constantFrom('\u202e', '\u2066', '\u200b', '\ufeff', '"', '\\', '\u{e0001}', '😀', 'é'),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  ),
  maxLength: 200,
});

/** Said in another way than escape.ts says it: ranges of code points, first and last. */
const UNSAFE_RANGES: readonly (readonly [number, number])[] = [
  [0, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
  [0xd800, 0xdfff],
];

function isSafe(text: string): boolean {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0).every(
    (code) => !UNSAFE_RANGES.some(([first, last]) => code >= first && code <= last),
  );
}

describe('escapeText()', () => {
  it('lets no control character, separator, bidi control or lone surrogate through', () => {
    fc.assert(fc.property(hostileText, (text) => isSafe(escapeText(text))));
  });

  it('leaves plain text of any language as it is', () => {
    for (const text of ['GET / HTTP/1.1', 'naïve', 'שלום', '日本語', '😀', 'a\\b'])
      assert.equal(escapeText(text), text);
  });

  it('shows what it replaced', () => {
    assert.equal(escapeText('a\r\nb\u001b[2J'), 'a\\u000d\\u000ab\\u001b[2J');
    assert.equal(escapeText('\u009b\u202e\ud800'), '\\u009b\\u202e\\ud800');
    assert.equal(escapeText('\u{e0001}'), '\\udb40\\udc01');
  });

  it('is bounded, whatever it is given', () => {
    const text = escapeText('\0'.repeat(100_000));
    assert.ok(text.length < MAX_TEXT_LENGTH * 6 + 40, `${text.length} characters`);
    assert.match(text, /\.\.\.\[97952 more\]$/);
  });
});

describe('boundText()', () => {
  it('keeps a text of the greatest length, and marks a longer one', () => {
    assert.equal(boundText('abcd', 4), 'abcd');
    assert.equal(boundText('abcde', 4), 'abcd...[1 more]');
  });
});

describe('quoteText()', () => {
  it('can be read back, and holds no quote that is not escaped', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const quoted = quoteText(text);
        assert.equal(JSON.parse(quoted), text);
        assert.ok(isSafe(quoted));
        assert.doesNotMatch(quoted.slice(1, -1).replaceAll(/\\[\\"]/g, ''), /"/);
      }),
    );
  });
});

describe('toSafeJson() and escapeJson()', () => {
  it('give one safe line that means the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(hostileText, hostileText, { noNullPrototype: true }), (value) => {
        const line = toSafeJson(value);
        assert.ok(isSafe(line));
        assert.deepEqual(JSON.parse(line), value);
        assert.equal(escapeJson(line), line);
      }),
    );
  });

  it('bounds every text, however deep', () => {
    const line = toSafeJson({ a: [{ b: 'x'.repeat(5000) }] });
    assert.ok(line.length < 2200);
    assert.match(line, /\[2952 more\]/);
  });
});
