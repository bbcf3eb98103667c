import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asciiName } from './ascii-name.ts';

describe('asciiName()', () => {
  it('writes names in their one form', () => {
    const table = {
      'Example.ORG.': 'example.org',
      'bücher.example': 'xn--bcher-kva.example',
      'BÜCHER.example': 'xn--bcher-kva.example',
      '例え.テスト': 'xn--r8jz45g.xn--zckzah',
      'xn--bcher-kva.example': 'xn--bcher-kva.example',
      a_b: 'a_b',
    };
    for (const [text, name] of Object.entries(table)) assert.equal(asciiName(text), name);
  });

  it('takes nothing for a name that is none, and makes no address of anything', () => {
    for (const text of [
      ...[
        '',
        '.',
        'a..b',
        '192.0.2.1',
        '0x7f000001',
        '１２７.0.0.1',
        '127。0。0。1',
        '⑩.1',
        'a b.c',
      ],
      ...['ü/x', 'ü:80', 'ü@b', 'ü?x', 'ü#x', '[ü]', 'ü%41', 'ü b', '\u00ad', 'xn--ü'],
    ])
      assert.equal(asciiName(text), undefined, text);
  });
});
