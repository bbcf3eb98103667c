// URLs as the original reads them and sends them on: what is the same, and what is different here, with the reason.
// The vectors are our own; they tell what the original does. U: permitUnicodeUrl, I: permitInvalidHexEscape.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpOptions } from '../../src/protocols/http/http-options.ts';
import { queryValue } from '../../src/protocols/http/urls/query-value.ts';
import { readUrl } from '../support/http-urls.ts';

type Flags = '' | 'U' | 'I' | 'UI' | 'raw';

/** A difference: what comes of the URL here, and why. A refusal is its reason code. */
interface Difference {
  readonly here: string;
  readonly why: string;
}

const FRAGMENT: Difference = {
  here: 'http.fragment',
  why: 'a fragment is never sent (RFC 9110, 7.1), and servers disagree about a path with one',
};
const RAW_BYTE: Difference = {
  here: 'http.bad-target',
  why: 'bytes outside ASCII must be escaped (RFC 9112, 3.2); llhttp refuses them, too',
};

function kept(here: string): Difference {
  return { here, why: 'an escaped separator is no separator (RFC 3986, 2.2): it stays escaped' };
}

function hidden(why = 'servers that decode %2f first would go up to another folder'): Difference {
  return { here: 'http.hidden-dots', why };
}

/** Host, port and path with its query; user and password are dropped here wherever the original reads them. */
const PARSING: readonly (readonly [string, Flags, string, Difference?])[] = [
  ['http://ann:s3c@web.example:8081/p/q', '', 'web.example:8081/p/q'],
  ['http://ann:s3c@web.example/p', '', 'web.example:80/p'],
  ['http://ann:s3c@web.example', '', 'web.example:80/'],
  ['http://ann@web.example:8081/p', '', 'web.example:8081/p'],
  ['http://ann@web.example/p', '', 'web.example:80/p'],
  ['http://web.example:8081/p', '', 'web.example:8081/p'],
  ['http://web.example/p', '', 'web.example:80/p'],
  ['http://web.example?', '', 'refused'],
  ['http://web.example#', '', 'refused'],
  ['http://web.example?k=v', '', 'refused'],
  ['http://web.example/p?k=v#top', '', 'web.example:80/p?k=v', FRAGMENT],
  ['http://web.example/p#top?k', '', 'refused'],
  ['http://web.example/p#top', '', 'web.example:80/p', FRAGMENT],
  ['http://ann:s3c:web.example:81/p', '', 'refused'],
  ['http://web.example/x.asp?AA%u4f60%u597d=1', '', 'refused'],
  [
    'http://web.example/x%u4f60%u597d',
    'U',
    'web.example:80/x\u4f60\u597d',
    { here: 'web.example:80/x%u4F60%u597D', why: 'policies see what the server is sent' },
  ],
  [
    'http://ads.example/slot;w=1;tag=%5B%25RND%25%5D?',
    '',
    'ads.example:80/slot;w=1;tag=[%RND%]',
    kept('ads.example:80/slot;w=1;tag=%5B%25RND%25%5D?'),
  ],
  [
    'http://web.example/a%2f%2e%2e%2fb?%u003f%62&%26',
    'U',
    'web.example:80/a/../b?%3Fb&%26',
    hidden(),
  ],
  ['http://an%6e:s%33c%40@web.example/p', '', 'web.example:80/p'],
  ['http://web.example/a%2zb', '', 'refused'],
  [
    'http://web.example/a%2zb',
    'I',
    'web.example:80/a%2zb',
    { here: 'web.example:80/a%252zb', why: 'policies see what the server is sent' },
  ],
  [
    'http://web.example/a%u12zb',
    'UI',
    'web.example:80/a%u12zb',
    { here: 'web.example:80/a%25u12zb', why: 'policies see what the server is sent' },
  ],
  ['http://web.example/p?%u00zz', 'U', 'refused'],
  ['http://web.example/p#%4', '', 'refused'],
  ['http://web.example/p#%u12', 'U', 'refused'],
  ['http//web.example/p', '', 'refused'],
  ['http:web.example/p', '', 'refused'],
  [
    'http://web.example/p?\x01',
    '',
    'web.example:80/p?%01',
    { here: 'http.control-byte', why: 'no request target may have it (RFC 9112, 3.2)' },
  ],
  ['http://192.0.2.7/p', '', '192.0.2.7:80/p'],
  ['http://[2001:db8::5]/p', '', '2001:db8::5:80/p'],
  ['http://[2001:db8::5]:8080/p', '', '2001:db8::5:8080/p'],
  ['http://web.example:/p', '', 'web.example:80/p'],
  [
    'http://web.example:99999/p',
    '',
    'web.example:99999/p',
    { here: 'http.bad-port', why: 'there is no such port' },
  ],
];

/** The path that leaves. */
const FORMATTING: readonly (readonly [string, Flags, string, Difference?])[] = [
  ['http://ann:s3c@web.example:8081/p', '', '/p'],
  ['http://ann:s3c@web.example', '', '/'],
  ['http://ann@web.example:8081/p?k=v', '', '/p?k=v'],
  ['http://web.example/p?\xfc', '', '/p?%FC', RAW_BYTE],
  ['http://web.example/p?\xfc', 'U', '/p?%FC', RAW_BYTE],
  ['http://web.example/p\xfc', '', '/p%FC', RAW_BYTE],
  ['http://web.example/p\xfc', 'U', '/p%FC', RAW_BYTE],
  ['http://web.example/x%u4f60%u597d', 'U', '/x%u4F60%u597D'],
  [
    'http://ads.example/slot;w=1;tag=%5B%25RND%25%5D?',
    '',
    '/slot;w=1;tag=[%25RND%25]',
    kept('/slot;w=1;tag=%5B%25RND%25%5D?'),
  ],
  ['http://ads.example/slot?w=1;tag=%5B%25RND%25%5D', '', '/slot?w=1;tag=%5B%25RND%25%5D'],
  ['http://web.example/a%2f%2e%2e%2fb?%u003f%62&%26', 'U', '/a/../b?%3Fb&%26', hidden()],
  ['http://web.example/a%2fb?%u003f%62&%26', 'U', '/a/b?%3Fb&%26', kept('/a%2Fb?%3Fb&%26')],
  ['http://an%6e:s%33c%40@web.example/p', '', '/p'],
  ['http://an+n:s3c@web.example/', 'U', '/'],
  ['http://web.example/a%2zb', 'I', '/a%252zb'],
  [
    'http://an%6e:s%33@web.example/a%2zb?%u003f%62&%26#%40',
    'UI',
    '/a%252zb?%3Fb&%26#%40',
    FRAGMENT,
  ],
  ['http://an%6e:s%33@web.example/a%2zb?%u003f%62&%26', 'UI', '/a%252zb?%3Fb&%26'],
  [
    'http://an%6e:s%33c%40@web.example/a%2f%2e%2e%2fb?%62#%40',
    'raw',
    '/a%2f%2e%2e%2fb?%62#%40',
    FRAGMENT,
  ],
  ['http://an%6e:s%33c%40@web.example/a%2f%2e%2e%2fb?%62', 'raw', '/a%2f%2e%2e%2fb?%62', hidden()],
  ['http://an%6e:s%33c%40@web.example/a%2fb%7e?%62', 'raw', '/a%2fb%7e?%62'],
  ['http://[2001:db8::5]:8080/p', '', '/p'],
  [
    'http://web.example/a b?c d',
    '',
    '/a%20b?c d',
    { here: 'http.bad-request-line', why: 'a blank ends the target (RFC 9112, 3)' },
  ],
  [
    'http://web.example/p?a%20b%3Dc%7Ed%2Dd',
    '',
    '/p?a%20b%3Dc%7Ed-d',
    { here: '/p?a%20b%3Dc~d-d', why: 'a tilde is unreserved (RFC 3986, 2.3)' },
  ],
  [
    'HTTP://Web.Example/a/../b/./c',
    '',
    '/a/../b/./c',
    { here: '/b/c', why: 'the policy must see the folder that the server sees (RFC 3986, 6.2.2)' },
  ],
];

const QUERIES: readonly (readonly [string, string, string | undefined])[] = [
  ['x=10&y=two&z=3c', 'x', '10'],
  ['x=10&y=two&z=3c', 'y', 'two'],
  ['x=10&y=two&z=3c', 'z', '3c'],
  ['x=10', 'x', '10'],
  ['x=', 'x', ''],
  ['x=10&y=', 'y', ''],
  ['x=10&y&z=3c', 'y', undefined],
  ['x=10&y', 'y', undefined],
  ['x=10&', 'y', undefined],
  ['zx=10', 'z', undefined],
  ['zx=10', 'x', undefined],
  ['zx=10&x=two', 'x', 'two'],
];

function optionsOf(flags: Flags): HttpOptions {
  return {
    permitUserInfo: true,
    permitUnicodeUrl: flags.includes('U'),
    permitInvalidHexEscape: flags.includes('I'),
    useCanonicalizedUrls: flags !== 'raw',
  };
}

function assertSame(found: string, expected: string, difference: Difference | undefined): void {
  if (difference !== undefined) {
    assert.equal(found, difference.here, difference.why);
    assert.notEqual(found, expected, 'it is no difference');
  } else if (expected === 'refused') {
    assert.match(found, /^http\.[a-z-]+$/);
  } else {
    assert.equal(found, expected);
  }
}

describe('URLs that the original reads', () => {
  for (const [url, flags, expected, difference] of PARSING)
    it(`${JSON.stringify(url)} ${flags}: ${difference?.why ?? expected}`, () => {
      const read = readUrl(url, optionsOf(flags));
      const found = 'code' in read ? read.code : `${read.host}:${read.port}${read.path}`;
      assertSame(found, expected, difference);
    });
});

describe('paths that the original sends on', () => {
  for (const [url, flags, expected, difference] of FORMATTING)
    it(`${JSON.stringify(url)} ${flags}: ${difference?.why ?? expected}`, () => {
      const read = readUrl(url, optionsOf(flags));
      assertSame('code' in read ? read.code : read.sentPath, expected, difference);
    });
});

describe('values that the original finds in a query', () => {
  for (const [query, key, value] of QUERIES)
    it(`${key} in ${query}`, () => {
      assert.equal(queryValue(query, key), value);
    });
});
