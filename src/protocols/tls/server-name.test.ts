import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { number, serverName, vector } from '../../../test/support/client-hello.ts';
import { readServerName } from './server-name.ts';

function named(...names: readonly string[]): string {
  return readServerName(serverName(...names)[1]);
}

describe('readServerName()', () => {
  it('gives the name in lower case', () => {
    for (const name of [
      'www.example',
      'a',
      'xn--bcher-kva.example',
      '_x.a-b.example',
      '1.2.example',
    ])
      assert.equal(named(name.toUpperCase()), name);
    assert.equal(named(`${'a'.repeat(63)}.example`), `${'a'.repeat(63)}.example`);
  });

  it('refuses what is no host name', () => {
    const others = [
      '192.0.2.1',
      '[::1]',
      '::1',
      'a.example.',
      '.a',
      'a..b',
      '-a.example',
      'a-.example',
    ];
    for (const name of [
      ...others,
      'a b',
      'a/b',
      'a\0b',
      'b\xfccher.example',
      `${'a'.repeat(64)}.b`,
      '1.2',
    ])
      assert.throws(() => named(name), { message: 'the name of the server is no host name' }, name);
    const long = Array.from({ length: 40 }, () => 'abcdefg').join('.');
    assert.throws(() => named(long), /no host name/);
  });

  it('refuses what could be read in two ways', () => {
    assert.throws(() => named('a.example', 'b.example'), /bytes too many/);
    assert.throws(() => named(''), /too short/);
    const other = vector(2, Buffer.concat([number(1, 1), vector(2, Buffer.from('abc'))]));
    assert.throws(() => readServerName(other), /another kind/);
    const more = Buffer.concat([serverName('a.example')[1], Buffer.alloc(1)]);
    assert.throws(() => readServerName(more), /bytes too many/);
  });
});
