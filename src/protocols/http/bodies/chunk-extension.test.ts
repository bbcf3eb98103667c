import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChunkExtension } from './chunk-extension.ts';

/** Whether the text after the first semicolon ends the extensions with its last byte. */
function read(text: string): boolean {
  const extension = new ChunkExtension('client');
  const ends = Array.from(text, (character) => extension.take(character.charCodeAt(0)));
  return ends.indexOf(true) === text.length - 1;
}

describe('ChunkExtension', () => {
  for (const text of ['a\r', 'a=b\r', 'a="x y; \\" \xe9"\r', 'a;b=c;d="";e\r'])
    it(`takes ${JSON.stringify(text)}`, () => assert.equal(read(text), true));

  for (const text of [
    '\r',
    ';',
    'a=\r',
    'a b',
    ' a',
    'a="b"c',
    'a="\r',
    'a="\n',
    'a\n',
    'a=b=c',
    'a="\\\r',
    '"',
  ])
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => read(text), { code: 'http.bad-chunk-extension' });
    });

  it('bounds the extensions of a whole message', () => {
    const extension = new ChunkExtension('server');
    const fill = (): void => {
      for (;;) for (const character of 'a=b\r') extension.take(character.charCodeAt(0));
    };
    assert.throws(fill, { code: 'http.bad-chunk-extension', side: 'server' });
  });
});
