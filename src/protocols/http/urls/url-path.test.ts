import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalPath } from './url-path.ts';
import { DEFAULT_URL_SETTINGS } from './url-settings.ts';

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
    ['/a"<b>^`{c}|\'?"<d>\'^`{e}|', "/a%22%3Cb%3E%5E%60%7Bc%7D|'?%22%3Cd%3E%27^`{e}|"],
    ['/a%2f.b%5c..c/d..%2Fe;..', '/a%2F.b%5C..c/d..%2Fe;..'],
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
    ['/a/..%2fb', 'hidden-dots'],
    ['/a%2f..', 'hidden-dots'],
    ['/a%5C%2e%2E/b', 'hidden-dots'],
    ['/.%5cb', 'hidden-dots'],
    ['/a/..;x=y/b', 'hidden-dots'],
    ['/a%2F.;/b', 'hidden-dots'],
  ] as const)
    it(`refuses ${text}`, () => {
      assert.throws(() => canonicalPath(text), { code: `http.${code}` });
    });

  describe('with %uXXXX permitted', () => {
    const permitting = { ...DEFAULT_URL_SETTINGS, permitUnicodeUrl: true };
    for (const [text, canonical] of [
      ['/%u4f60%u597D?%u00e9', '/%u4F60%u597D?%u00E9'],
      ['/a/%u002e%u002E/%u0062?%u003f', '/b?%3F'],
    ] as const)
      it(`makes ${canonical} of ${text}`, () => {
        assert.equal(canonicalPath(text, permitting), canonical);
      });

    for (const [text, code] of [
      ['/%u0000', 'nul-escape'],
      ['/%u12z', 'bad-escape'],
      ['/a/%u2025/b', 'bad-escape'],
      ['/a%uff0fb', 'bad-escape'],
      ['/a%u2215b', 'bad-escape'],
      ['/a%u002f..', 'hidden-dots'],
    ] as const)
      it(`refuses ${text}`, () => {
        assert.throws(() => canonicalPath(text, permitting), { code: `http.${code}` });
      });
  });

  describe('with percent signs permitted that begin no escape', () => {
    const permitting = { ...DEFAULT_URL_SETTINGS, permitInvalidHexEscape: true };
    for (const [text, canonical] of [
      ['/100%', '/100%25'],
      ['/%zz?%4', '/%25zz?%254'],
      ['/%%41', '/%25A'],
      ['/%u4f60', '/%25u4f60'],
    ] as const)
      it(`makes ${canonical} of ${text}`, () => {
        assert.equal(canonicalPath(text, permitting), canonical);
      });

    it('still refuses a NUL', () => {
      assert.throws(() => canonicalPath('/%%00', permitting), { code: 'http.nul-escape' });
    });
  });

  describe('where paths leave as they were written', () => {
    const verbatim = {
      ...DEFAULT_URL_SETTINGS,
      useCanonicalizedUrls: false,
      permitUnicodeUrl: true,
    };
    // To nginx the first is /admin/x, and the third, too; servers that know no %uXXXX look below /admin for the last.
    for (const text of [
      '/admin%2fa/../x',
      '/admin%5Ca/%2e./x',
      '/a//../admin/x',
      '/a/b/..//../admin/x',
      '/a/;b/../admin/x',
      '/admin/%u002e%u002E/x',
    ])
      it(`refuses ${text}`, () => {
        assert.throws(() => canonicalPath(text, verbatim), { code: 'http.hidden-dots' });
        assert.doesNotThrow(() => canonicalPath(text, { ...verbatim, useCanonicalizedUrls: true }));
      });

    for (const text of [
      '/admin%u002Fa/../x',
      '/admin%u005ca/%2e./x',
      '/a/..%u002fx',
      '/a%u002F../x',
    ])
      it(`refuses ${text} also where %u is an escape that is none`, () => {
        const loose = { ...verbatim, permitUnicodeUrl: false, permitInvalidHexEscape: true };
        assert.throws(() => canonicalPath(text, loose), { code: 'http.hidden-dots' });
        assert.equal(canonicalPath('/a%u002Fb', loose), '/a%25u002Fb');
      });

    for (const [text, canonical] of [
      ['/a/../%7e', '/~'],
      ['/../a//b/./c/../d', '/a//b/d'],
      ['/a%2Fb/c/../d', '/a%2Fb/d'],
      ['/a;b/../c/..', '/'],
    ] as const)
      it(`sees ${canonical} in ${text}`, () => {
        assert.equal(canonicalPath(text, verbatim), canonical);
      });
  });

  it('changes nothing that is canonical', () => {
    const part = fc.constantFrom('/', '.', '..', '%2e', '%41', 'a', '?', '//', '%7f', '<', '{');
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
