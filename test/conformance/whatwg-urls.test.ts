// URLs as the WHATWG standard, and so every browser, reads them: here they are the same host, port and path, or refused.
// The data is that of web-platform-tests. Where a URL of the standard is refused, it and the reason stand here.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { canonicalPath } from '../../src/protocols/http/urls/url-path.ts';
import type { ReadUrl } from '../support/http-urls.ts';
import { readPath, readUrl } from '../support/http-urls.ts';

/** A case of urltestdata.json: a text, and the URL that it is, or that it is none. */
interface UrlCase {
  readonly input: string;
  readonly failure?: true;
  readonly href: string;
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
}

/** A case of toascii.json: the name that a browser asks for; null if it asks for none. */
interface NameCase {
  readonly input: string;
  readonly output: string | null;
}

interface EncodingCase {
  readonly input: string;
  readonly output: Readonly<Record<string, string>>;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** URLs that the standard reads and that are refused, if all of their characters may stand in a request target. */
const REFUSED: Readonly<Record<string, { readonly why: string; readonly cases: string[] }>> = {
  'http.fragment': {
    why: 'fragments are never sent, and servers disagree about them',
    cases: [
      'http://user:pass@foo:21/bar;par?b#c',
      'http://foo/path;a??e#f#g',
      'http://foo/abcd#foo?bar',
      'http://www.google.com/foo?bar=baz#',
      'http://foo.bar/baz?qux#foo"bar',
      'http://foo.bar/baz?qux#foo<bar',
      'http://foo.bar/baz?qux#foo>bar',
      'http://foo.bar/baz?qux#foo`bar',
      'http://example.org/test?#',
      'http://example.org/test?a#%EF',
      'http://example.org/test?a#%GH',
    ],
  },
  'http.bad-port': {
    why: 'there is no port 0, and zeros before a number make it octal to some readers',
    cases: ['http://f:0/c', 'http://f:00000000000000/c', 'http://f:00000000000000000000080/c'],
  },
  'http.userinfo': {
    why: 'with two @, some readers end the user at the first; ]`{} are none of its characters (RFC 3986, 3.2.1)',
    cases: [
      'http://&a:foo(b]c@d:2/',
      'http://::@c@d:2',
      'https://@test@test@example:800/',
      'https://@@@example',
      'http://`{}:`{}@h/`{}?`{}',
    ],
  },
  'http.backslash': {
    why: 'the standard reads it as a slash, others do not',
    cases: ['http://foo.com/\\@'],
  },
  'http.bad-host': {
    why: 'neither a name of letters, digits, - and _, nor an address in its one form; a name with a numeric end is refused',
    cases: [
      'http://a:b@c\\',
      'http://example.com\\\\foo\\\\bar',
      'http://192.0x00A80001',
      'http://%30%78%63%30%2e%30%32%35%30.01',
      'http://%30%78%63%30%2e%30%32%35%30.01%2e',
      'http://./',
      'http://../',
      'http://!"$&\'()*+,-.;=_`{}~/',
      'https://%e2%98%83',
      'http://192.168.257',
      'http://192.168.257.',
      'http://256',
      'http://999999999',
      'http://999999999.',
      'http://4294967295',
      'http://0xffffffff',
      'https://0x.0x.0',
      'https://0x.0x.0x.0x',
      'https://00.00.00.00',
      'https://0000000000000000000000000000000000000000177.0.0.1',
      'http://foo.09..',
      'https://a%C2%ADb/',
      'https://xn--/',
    ],
  },
  'http.bad-escape': {
    why: 'the standard lets a percent sign stand for itself, servers disagree (permitInvalidHexEscape)',
    cases: [
      'http://example.com/foo/%2e%2',
      'http://example.com/foo%',
      'http://example.com/foo%2',
      'http://example.com/foo%2zbar',
      'http://example.org/test?%GH',
    ],
  },
  'http.nul-escape': { why: 'a NUL ends texts of C', cases: ['http://example.com/foo%00%51'] },
};

/** What browsers send for URLs of the data, and what is refused nevertheless. */
const REFUSED_OF_BROWSERS: Readonly<Record<string, readonly string[]>> = {
  'http.bad-port': ['http://f:0/c'],
  'http.bad-escape': [
    'http://example.com/foo/%2e%2',
    'http://example.com/foo%',
    'http://example.com/foo%2',
    'http://example.com/foo%2zbar',
    'http://example.com/foo%2%C3%82%C2%A9zbar',
    'http://example.org/test?%GH',
  ],
  'http.nul-escape': ['http://example.com/foo%00%51', 'https://x/%00y', 'https://x/?%00y'],
  'http.bad-host': [
    'http://./',
    'http://../',
    'http://!"$&\'()*+,-.;=_`{}~/',
    'http://foo.09../',
    'https://xn--/',
  ],
};

/** Names of the data that no DNS could hold (RFC 1035, 2.3.1): a hyphen at an end, more than 63 bytes, an empty label. */
const NO_NAME_OF_DNS = /^-|-$|\.-|-\.|\.\.|=|[^.]{64}|.{254}/;

/** All that a request target may have; anything else is refused before somebody could read it in two ways. */
const TARGET = /^[\x21-\x7e]+$/;

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const SCHEMES = Object.keys(PORTS);

const urls = load('urltestdata.json') as readonly UrlCase[]; // the format that its README describes
const names = load('toascii.json') as readonly NameCase[];
const encodings = load('percent-encoding.json') as readonly EncodingCase[];

/** The cases; texts between them are remarks. */
function load(file: string): readonly unknown[] {
  const text = readFileSync(`${import.meta.dirname}/${file}`, 'utf8');
  const lines = JSON.parse(text) as unknown[];
  return lines.filter((line) => typeof line !== 'string');
}

/** Reads a text as the target of a request to a proxy for URLs of this scheme. */
function ask(input: string, scheme: string): ReadUrl {
  return readUrl(input, { defaultPort: PORTS[scheme] ?? 0, permitUserInfo: true });
}

/** Where a URL leads by the standard, with the path in the form that leaves here. */
function placeOf({ hostname, protocol, port, pathname, search }: UrlCase): Place {
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (PORTS[protocol] ?? 0) : Number(port),
    path: canonicalPath(pathname + search),
  };
}

function placeRead(read: ReadUrl): Place | undefined {
  return 'code' in read ? undefined : { host: read.host, port: read.port, path: read.path };
}

describe('a URL of the WHATWG data', () => {
  // A path is no URL: without a scheme it is the form of a request to a server.
  const absolute = urls.filter(({ input }) => !input.startsWith('/'));

  it('is there', () => {
    assert.deepEqual([urls.length, absolute.length], [891, 832]);
  });

  it('means the same here if it is accepted, and is none if the standard has none', () => {
    let accepted = 0;
    for (const one of absolute)
      for (const scheme of SCHEMES) {
        const found = placeRead(ask(one.input, scheme));
        if (found === undefined) continue;
        accepted++;
        assert.equal(one.failure, undefined, one.input);
        assert.equal(one.protocol, scheme, one.input);
        assert.deepEqual(found, placeOf(one), one.input);
      }
    assert.equal(accepted, 77);
  });

  it('is refused only where a reason is given, or if it has characters that no target may have', () => {
    const found: Record<string, string[]> = {};
    for (const { input, failure, protocol } of absolute) {
      if (failure === true || !new RegExp(`^${protocol}//`, 'i').test(input)) continue;
      if (!SCHEMES.includes(protocol)) continue;
      const read = ask(input, protocol);
      if (!TARGET.test(input)) assert.ok('code' in read, input);
      else if ('code' in read) (found[read.code] ??= []).push(input);
    }
    const listed = Object.entries(REFUSED).map(([code, { cases }]) => [code, cases]);
    assert.deepEqual(found, Object.fromEntries(listed));
  });

  it('passes in the form in which browsers send it, with the exceptions that are listed', () => {
    const found: Record<string, Set<string>> = {};
    for (const one of urls) {
      if (one.failure === true || !SCHEMES.includes(one.protocol)) continue;
      const options = { defaultPort: PORTS[one.protocol] ?? 0 };
      const read = readPath(one.pathname + one.search, one.host, options);
      if ('code' in read) (found[read.code] ??= new Set()).add(one.href);
      else assert.deepEqual(placeRead(read), placeOf(one), one.href);
    }
    const shown = Object.entries(found).map(([code, hrefs]) => [code, [...hrefs]]);
    assert.deepEqual(Object.fromEntries(shown), REFUSED_OF_BROWSERS);
  });
});

describe('a name of the WHATWG data', () => {
  it('is the same here if it is accepted', () => {
    for (const { input, output } of names) {
      const read = readUrl(`http://${input}/`);
      if (!('code' in read)) assert.equal(read.host, output, input);
    }
  });

  it('passes in the form in which browsers send it, if it is one of DNS', () => {
    let passed = 0;
    for (const { output } of names) {
      if (output === null || output === '') continue;
      const read = readPath('/', output);
      if ('code' in read) assert.match(output, NO_NAME_OF_DNS);
      else assert.equal(read.host, output);
      passed += 'code' in read ? 0 : 1;
    }
    assert.ok(passed > 20);
  });
});

describe('an escaped query of the WHATWG data', () => {
  for (const { input, output } of encodings)
    it(`is in canonical form already: ${JSON.stringify(input)}`, () => {
      const sent = `/?${output['utf-8'] ?? ''}`;
      assert.equal(canonicalPath(sent), sent);
    });
});
