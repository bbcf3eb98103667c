import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exchangeOf } from '../../../../test/support/http-heads.ts';
import { showValue } from '../../../proxy/policy-fault.ts';
import { PolicyFault } from '../../../proxy/violation.ts';
import type { UrlParts } from './http-url.ts';
import { urlOf, urlText } from './http-url.ts';
import { readSettings } from '../settings.ts';
import { changedUrl } from './url-change.ts';

const RULES = readSettings({}).settings;
const CURRENT: UrlParts = {
  scheme: 'http',
  host: 'a.example',
  port: 8080,
  authority: 'a.example:8080',
  path: '/p?q',
};

function changed(change: unknown, method = 'GET', current = CURRENT): string {
  return urlText(changedUrl(change, { method, current }, RULES));
}

describe('changedUrl()', () => {
  const good: [change: unknown, expected: string][] = [
    ['http://B.example', 'http://b.example/'],
    ['HTTP://b.example.:80/x/../%61?%7e', 'http://b.example/a?~'],
    ['http://[2001:DB8::0]:81/', 'http://[2001:db8::]:81/'],
    [{ host: 'b' }, 'http://b:8080/p?q'],
    [{ host: '2001:DB8::1' }, 'http://[2001:db8::1]:8080/p?q'],
    [{ port: 80 }, 'http://a.example/p?q'],
    [{ path: '/x/./y' }, 'http://a.example:8080/x/y?q'],
    [{ query: 'a=%2f' }, 'http://a.example:8080/p?a=%2F'],
    [{ query: '' }, 'http://a.example:8080/p?'],
    [{ query: undefined }, 'http://a.example:8080/p'],
    [{ host: 'b', port: 1, path: '/', query: undefined }, 'http://b:1/'],
    [{}, 'http://a.example:8080/p?q'],
    [{ ...urlOf(CURRENT), host: 'b' }, 'http://b:8080/p?q'],
    [urlOf(CURRENT), 'http://a.example:8080/p?q'],
  ];
  it('has the limit of a path that a client sends, or that of one that is longer in canonical form', () => {
    const longest = `/${'a'.repeat(RULES.maxUrlLength - 1)}`;
    assert.equal(changed({ path: longest, query: undefined }), `http://a.example:8080${longest}`);
    assert.equal(changed(`http://b.example${longest}`), `http://b.example${longest}`);
    for (const change of [{ path: `${longest}a`, query: undefined }, `http://b.example${longest}a`])
      assert.throws(() => changed(change), /longer than allowed/);
    const escaped = { ...CURRENT, path: `/${'%22'.repeat(2_000)}` };
    assert.equal(changed({ host: 'b' }, 'GET', escaped), `http://b:8080${escaped.path}`);
    assert.throws(
      () => changed({ path: `${escaped.path}a` }, 'GET', escaped),
      /longer than allowed/,
    );
    assert.throws(() => changed(`http://${'b'.repeat(5_000)}/`), PolicyFault);
  });

  for (const [change, expected] of good)
    it(`makes ${expected} of ${JSON.stringify(change)}`, () => {
      assert.equal(changed(change), expected);
    });

  const bad: unknown[] = [
    ...[new URL('http://b/'), new Map([['host', 'b']])],
    ...['/path', 'https://b/', 'ftp://b/', 'http://', 'http:///p', 'b.example', '', '*'],
    ...[
      'http://u@b/',
      'http://b:0/',
      'http://b:99999/',
      'http://b/#f',
      'http://b/a b',
      'http://b/\u0151',
    ],
    ...[
      'http://b/%zz',
      'http://b/%00',
      'http://b/\r\nHost: c',
      'http://b\\c/',
      'http://b?q',
      'http://b/\xe9',
    ],
    `http://b/${'a'.repeat(5_000)}`,
    `http://${'a.'.repeat(200)}b/`,
    ...[
      { host: 'b/c' },
      { host: 'b:81' },
      { host: 'u@b' },
      { host: '' },
      { host: 'b#' },
      { host: 5 },
    ],
    ...[{ port: 0 }, { port: 65_536 }, { port: 1.5 }, { port: '80' }],
    ...[
      { path: 'x' },
      { path: '/a?b' },
      { path: '/a#b' },
      { path: '/a b' },
      { path: '/%' },
      { path: '*' },
    ],
    ...[{ query: 'a#b' }, { query: 5 }, { query: 'a b' }],
    ...[{ scheme: 'https' }, { text: 'http://b/' }, { nonsense: 1 }, null, undefined, 5],
  ];
  for (const change of bad)
    it(`takes no ${showValue(change).slice(0, 40)}`, () => {
      assert.throws(() => changed(change), PolicyFault);
    });

  it('makes of whatever it takes a URL that stays what it is when it is read once more', () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '..', '.', '%2e', '%2F', '%00', '%', '?', '#', ':', '@', '[', ']', '\\'),
      fc.constantFrom(
        'http://',
        'https://',
        'a.example',
        '127.1',
        '::1',
        ' ',
        '\r\n',
        '\u0151',
        '*',
      ),
      fc.string({ maxLength: 4 }),
    );
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const change = fc.oneof(
      text.map((rest) => `http://b.example${rest}`),
      text,
      fc.record({ host: text, path: text, query: text, port: fc.integer() }, { requiredKeys: [] }),
      fc.record({ path: text.map((rest) => `/${rest}`), query: text }, { requiredKeys: [] }),
    );
    let taken = 0;
    fc.assert(
      fc.property(change, (given) => {
        let made: UrlParts;
        try {
          made = changedUrl(given, { method: 'GET', current: CURRENT }, RULES);
        } catch (error) {
          assert.ok(error instanceof PolicyFault, String(error));
          return;
        }
        taken++;
        assert.match(made.path, /^\/[\x21-\x7e]*$/);
        assert.deepEqual(
          changedUrl(urlText(made), { method: 'GET', current: CURRENT }, RULES),
          made,
        );
        // What the client sees of a request of its own for that URL.
        const received = exchangeOf(
          `GET ${urlText(made)} HTTP/1.1\r\nHost: ${made.authority}\r\n\r\n`,
          {
            permitProxyRequests: true,
          },
        );
        assert.deepEqual(received.request.url, made);
      }),
      { numRuns: 2_000 },
    );
    assert.ok(taken > 100, `only ${taken} were taken`);
  });

  it('changes where a tunnel leads, which has no path', () => {
    const current = { ...CURRENT, path: '' };
    assert.equal(changed({ host: 'b', port: 443 }, 'CONNECT', current), 'http://b:443');
    assert.equal(changed('http://b:444', 'CONNECT', current), 'http://b:444');
    assert.throws(() => changed('http://b:444/x', 'CONNECT', current), PolicyFault);
  });

  it('keeps OPTIONS of a whole server', () => {
    const current = { ...CURRENT, path: '*' };
    assert.equal(changedUrl({ host: 'b' }, { method: 'OPTIONS', current }, RULES).path, '*');
    assert.equal(changed({ path: '/x' }, 'OPTIONS', current), 'http://a.example:8080/x');
  });

  it('has the scheme of the service', () => {
    const rules = readSettings({ defaultPort: 443 }).settings;
    const current = { ...CURRENT, scheme: 'https' } as const;
    const made = changedUrl('https://b/', { method: 'GET', current }, rules);
    assert.deepEqual([made.port, urlText(made)], [443, 'https://b/']);
  });
});
