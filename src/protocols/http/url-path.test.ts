import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalPath } from './url-path.ts';

describe('canonicalPath()', () => {
  for (const [text, canonical] of [
    ['/', '/'],
    ['/a/b?c=d', '/a/b?c=d'],
    ['/%7e%41%2f%3c', '/~A%2F%3C'],
    ['/a/../b/./c', '/b/c'],
    ['/a/%2e%2e/b', '/b'],
    ['/a/.%2E', '/'],
    ['/../../x', '/x'],
    ['/a/.', '/a/'],
    ['/a/b/..', '/a/'],
    ['/.hidden/..x', '/.hidden/..x'],
    ['/a//b/../c', '/a//c'],
    ['/p?a=/../b', '/p?a=/../b'],
    ['/p?a%7E=%3d\\', '/p?a~=%3D\\'],
    ['/slot;w=1;tag=%5B%25RND%25%5D?', '/slot;w=1;tag=%5B%25RND%25%5D?'],
  ] as const)
    it(`makes ${canonical} of ${text}`, () => {
      assert.equal(canonicalPath(text), canonical);
    });

  for (const [text, code] of [
    ['/%00', 'nul-escape'],
    ['/?%00', 'nul-escape'],
    ['/%', 'bad-escape'],
    ['/%4', 'bad-escape'],
    ['/a%2zb', 'bad-escape'],
    ['/%u4f60', 'bad-escape'],
    ['/?%zz', 'bad-escape'],
    ['/a\\b', 'backslash'],
  ] as const)
    it(`refuses ${text}`, () => {
      assert.throws(() => canonicalPath(text), { code: `http.${code}` });
    });

  it('changes nothing that is canonical', () => {
    const part = fc.constantFrom('/', '.', '..', '%2e', '%2F', '%41', 'a', '?', '//', '%7f');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const once = canonicalPath(`/${parts.join('')}`);
        assert.equal(canonicalPath(once), once);
        assert.ok(once.startsWith('/'));
        assert.doesNotMatch(once.split('?')[0] ?? '', /\/\.\.?(?:\/|$)/);
      }),
    );
  });
});
