import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, GET, httpEngine, page, WEB } from '../../../../test/support/http-dialogue.ts';
import {
  close,
  connect,
  connected,
  disconnect,
  end,
  ended,
  hold,
  log,
  playbook,
  received,
  send,
  sendLike,
  started,
  timer,
} from '../../../../test/support/playbook.ts';
import type { Matcher } from '../../../proxy/matcher.ts';
import { declare, faultsOf } from '../../../proxy/policy-fault.ts';
import { plugProxy } from '../../plug/index.ts';
import { httpProxy } from '../index.ts';
import type { HttpOptions } from '../http-options.ts';
import type { UrlFilter } from './url-filter.ts';

const TUNNEL: HttpOptions = { connect: { kind: 'service', name: 'tunnel', proxy: plugProxy() } };

/** What the matchers of a filter are asked for this request. */
function askedFor(request: string, options: HttpOptions = {}): readonly string[] {
  const seen: string[] = [];
  const note = (text: string): boolean => {
    seen.push(text);
    return false;
  };
  const urlFilter: UrlFilter = { block: note, blockHosts: note };
  begun({ permitProxyRequests: true, ...options, urlFilter }).given(received('client', request));
  return seen;
}

function refusedBy(urlFilter: UrlFilter, status = 403, code = 'http.url-blocked'): void {
  begun({ urlFilter })
    .when(received('client', GET))
    .expect(sendLike('client', page(status, code)), end('client'));
}

function permittedBy(urlFilter: UrlFilter): void {
  begun({ urlFilter })
    .when(received('client', GET))
    .expect(hold('client'), connect(WEB))
    .when(connected())
    .expect(send('server', GET));
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}

function never(): boolean {
  return assert.fail('was asked');
}

describe('the URL filter', () => {
  it('refuses with page, log, accounting line and record, before anything goes to the server', () => {
    playbook(httpEngine({ urlFilter: { block: (url) => url === 'http://web.example/a' } }))
      .given(started())
      .when(received('client', GET))
      .expect(
        log('http.url-blocked'),
        log('http.request'),
        sendLike('client', page(403, 'http.url-blocked')),
        end('client'),
        timer('http', 2_000),
      )
      .when(ended('client'))
      .expect(close('denied-by-policy', 'http.url-blocked'));
  });

  it('says in the accounting line which URL, and why', () => {
    const engine = httpEngine({ urlFilter: { block: yes } });
    engine.handle({ type: 'started' });
    const actions = engine.handle({
      type: 'received',
      from: 'client',
      bytes: Buffer.from(GET),
    });
    const line = actions.find((action) => action.type === 'log' && action.code === 'http.request');
    assert.ok(line?.type === 'log');
    const { url, status, reason } = line.fields ?? {};
    assert.deepEqual([url, status, reason], ['http://web.example/a', 403, 'http.url-blocked']);
  });

  it('refuses what a black list has', () => {
    refusedBy({ block: yes });
    refusedBy({ blockHosts: yes });
    refusedBy({ block: no, blockHosts: yes });
    refusedBy({ block: yes, blockHosts: no, permit: no, permitHosts: no });
    permittedBy({ block: no });
    permittedBy({ block: no, blockHosts: no, permit: no });
  });

  it('lets pass what a white list has, and asks no black list about it', () => {
    permittedBy({ permit: yes, block: never, blockHosts: never });
    permittedBy({ permitHosts: yes, block: never, blockHosts: never });
  });

  it('lets nothing else pass where there is only a white list', () => {
    permittedBy({ permit: yes });
    permittedBy({ permit: no, permitHosts: yes });
    refusedBy({ permit: no });
    refusedBy({ permitHosts: no, permit: no });
  });

  it('refuses when a matcher fails, or answers with a promise', () => {
    const failing = (): boolean => {
      throw new Error('the list was not read');
    };
    const late = (() => Promise.resolve(false)) as unknown as () => boolean;
    refusedBy({ block: failing }, 500, 'policy.function-failed');
    refusedBy({ block: yes, permitHosts: failing }, 500, 'policy.function-failed');
    refusedBy({ block: late }, 500, 'policy.invalid-result');
  });

  it('is asked about every request of a connection', () => {
    const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const other = GET.replace('/a', '/b');
    begun({ urlFilter: { block: (url) => url.endsWith('/b') } })
      .given(received('client', GET), connected(), received('server', OK))
      .when(received('client', other))
      .expect(disconnect(), sendLike('client', page(403, 'http.url-blocked')), end('client'));
  });

  it('comes before the functions of the policy', () => {
    begun({ urlFilter: { block: yes }, request: { GET: () => assert.fail('was asked') } })
      .when(received('client', GET))
      .expect(sendLike('client', page(403, 'http.url-blocked')), end('client'));
  });

  const urls: [what: string, request: string, url: string, host: string][] = [
    [
      'a path',
      'GET /a?b HTTP/1.1\r\nHost: X.example.\r\n\r\n',
      'http://x.example/a?b',
      'x.example',
    ],
    [
      'what hides behind escapes and dots',
      'GET /x/../%61%64s/./%2f HTTP/1.1\r\nHost: x.example:80\r\n\r\n',
      'http://x.example/ads/%2F',
      'x.example',
    ],
    [
      'a whole URL',
      'GET http://X.example:8080/a HTTP/1.1\r\nHost: x.example:8080\r\n\r\n',
      'http://x.example:8080/a',
      'x.example',
    ],
    [
      'IPv6',
      'GET / HTTP/1.1\r\nHost: [2001:DB8::1]\r\n\r\n',
      'http://[2001:db8::1]/',
      '2001:db8::1',
    ],
    [
      'CONNECT',
      'CONNECT X.example:443 HTTP/1.1\r\nHost: x.example\r\n\r\n',
      'https://x.example/',
      'x.example',
    ],
    [
      'CONNECT to another port',
      'CONNECT x.example:80 HTTP/1.1\r\nHost: x.example:80\r\n\r\n',
      'https://x.example:80/',
      'x.example',
    ],
    [
      'CONNECT to IPv6',
      'CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n',
      'https://[2001:db8::1]/',
      '2001:db8::1',
    ],
  ];
  for (const [what, request, url, host] of urls)
    it(`sees ${what} in canonical form`, () => {
      assert.deepEqual(askedFor(request, TUNNEL), [url, host]);
    });

  it('refuses CONNECT before the tunnel is begun', () => {
    begun({ ...TUNNEL, urlFilter: { blockHosts: (host) => host === 'web.example' } })
      .when(received('client', 'CONNECT web.example:443 HTTP/1.1\r\nHost: web.example\r\n\r\n'))
      .expect(sendLike('client', page(403, 'http.url-blocked')), end('client'));
  });

  it('sees https where the service decrypts', () => {
    assert.deepEqual(askedFor('GET /a HTTP/1.1\r\nHost: x.example\r\n\r\n', { defaultPort: 443 }), [
      'https://x.example/a',
      'x.example',
    ]);
  });
});

describe('the options of the URL filter', () => {
  const hosts: Matcher = declare(
    { kind: 'matcher', type: 'domain', matches: yes, explain: () => 'is in a domain' },
    httpProxy,
  );
  const pages: Matcher = declare({ ...hosts, type: 'url-list' }, httpProxy);
  const combined: Matcher = declare({ ...hosts, type: 'or', parts: [no, hosts] }, httpProxy);
  const faulty: [what: string, urlFilter: unknown, path: string, cure: RegExp][] = [
    [
      'a RegExp',
      { block: /ads/ },
      'urlFilter.block',
      /^write the pattern as a text: regexpM.*"ads"/,
    ],
    ['a matcher by itself', hosts, 'urlFilter', /^give an object: { block/],
    ['a text', 'ads', 'urlFilter', /^give an object: \{ block/],
    ['nothing', {}, 'urlFilter', /^give at least one of block/],
    ['a list of texts', { permit: ['a'] }, 'urlFilter.permit', /^give a matcher/],
    [
      'domains for URLs',
      { block: hosts },
      'urlFilter.block',
      /looks at hosts: write it as blockHosts/,
    ],
    [
      'domains among others for URLs',
      { block: combined },
      'urlFilter.block',
      /looks at hosts: write it as blockHosts/,
    ],
    ['URLs for hosts', { blockHosts: pages }, 'urlFilter.blockHosts', /URLs: write it as block/],
    [
      'URLs to permit as hosts',
      { permitHosts: pages },
      'urlFilter.permitHosts',
      /write it as permit/,
    ],
    ['domains to permit', { permit: hosts }, 'urlFilter.permit', /write it as permitHosts/],
  ];
  for (const [what, urlFilter, path, cure] of faulty)
    it(`do not take ${what}`, () => {
      const [fault] = faultsOf(httpProxy({ urlFilter } as HttpOptions));
      assert.equal(fault?.path, path);
      assert.match(fault.cure, cure);
    });

  it('are explained', () => {
    const explain = (urlFilter: UrlFilter): string =>
      httpProxy({ urlFilter })
        .explain()
        .replace(/^[^;]*; /, '');
    assert.equal(explain({ blockHosts: hosts }), 'a host that is in a domain is refused');
    assert.equal(
      explain({ permit: yes, block: no }),
      'a URL that satisfies yes() passes, a URL that satisfies no() is refused',
    );
    assert.equal(
      explain({ permitHosts: hosts }),
      'a host that is in a domain passes, all else is refused',
    );
  });
});
