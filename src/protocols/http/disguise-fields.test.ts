import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, page } from '../../../test/support/http-dialogue.ts';
import { connected, end, received, send, sendLike } from '../../../test/support/playbook.ts';
import { abort, accept, drop, reject } from '../../proxy/policy-action.ts';
import { disguiseRules } from './disguise-fields.ts';
import { replace } from './rules/header-action.ts';
import type { HttpOptions } from './http-options.ts';

const POST = 'POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 0\r\n';

/** What the server gets of a request with these fields. */
function passes(given: string, expected: string, options: HttpOptions = {}): void {
  begun(options)
    .given(received('client', `${POST}${given}\r\n`))
    .when(connected())
    .expect(send('server', `${POST}${expected}\r\n`));
}

function isRefused(given: string, options: HttpOptions = {}): void {
  begun(options)
    .when(received('client', `${POST}${given}\r\n`))
    .expect(sendLike('client', page(403, 'http.method-override')), end('client'));
}

describe('a field that asks for another method', () => {
  const field = 'X-HTTP-Method-Override: DELETE\r\n';

  it('passes only if the policy permits that method', () => {
    for (const name of ['X-HTTP-Method-Override', 'x-http_method', 'X_Method_Override']) {
      isRefused(`${name}: DELETE\r\n`);
      isRefused(`${name}: delete\r\n`);
      passes(`${name}: DELETE\r\n`, `${name}: DELETE\r\n`, { request: { '*': accept() } });
    }
    isRefused(field, { request: { '*': accept(), DELETE: reject() } });
    isRefused('X-HTTP-Method: GET, DELETE\r\n', { request: { '*': accept() } });
    isRefused('X-HTTP-Method: \r\n', { request: { '*': accept() } });
  });

  it('may name the method that the request has, whatever permits it', () => {
    const same = 'X-HTTP-Method-Override: POST\r\n';
    passes(same, same, { request: { POST: () => accept() } });
  });

  it('is no question to a function, which was asked about another request', () => {
    isRefused(field, { request: { '*': () => accept() } });
  });

  it('is what the header table of the policy makes of it', () => {
    const requestHeader = { 'x-http-method-override': accept() };
    passes(field, field, { requestHeader });
    passes(field, '', { requestHeader: { 'X-HTTP-Method-Override': drop() } });
    passes(field, '', { requestHeader: { '*': drop() }, request: { '*': accept() } });
    isRefused(field, { requestHeader: { '*': accept() } });
  });

  it('is none that strict header checking knows', () => {
    passes(field, '', { strictHeaderChecking: true });
  });
});

describe('fields that take the place of a path or of a proxy', () => {
  const fields =
    'Proxy: http://evil.example/\r\nX-Original-URL: /admin\r\nX_Rewrite_URL: /admin\r\n';

  it('do not pass', () => {
    passes(fields, '');
    passes(fields, '', { requestHeader: { '*': accept() } });
  });

  it('pass where the policy has a rule for them, or sets them', () => {
    const requestHeader = { Proxy: accept(), 'X-Original-URL': accept(), X_Rewrite_URL: accept() };
    passes(fields, fields, { requestHeader });
    passes('', 'X-Original-URL: /b\r\n', {
      request: {
        POST: ({ headers }) => {
          headers.set('X-Original-URL', '/b');
          return accept();
        },
      },
    });
  });
});

describe('a field that some servers take for one of the policy', () => {
  const fields = 'X_User: root\r\nX-Other_: a\r\n';

  it('does not pass where the policy drops that one, or has its own in its place', () => {
    const other = 'X-Other_: a\r\n';
    passes(fields, other, { requestHeader: { 'X-User': drop() } });
    passes(fields, `${other}X-User: ann\r\n`, { requestHeader: { 'X-User': replace('ann') } });
    passes('a_b_c_d_e_f_g_h: 1\r\n', '', { requestHeader: { 'A-B-C-D-E-F-G-H': drop() } });
  });

  it('is refused where that one is', () => {
    begun({ requestHeader: { 'X-User': abort() } })
      .when(received('client', `${POST}${fields}\r\n`))
      .expect(sendLike('client', page(403, 'http.header-refused')), end('client'));
  });

  it('passes where that one does, and where the policy has a rule for it, or sets it', () => {
    passes(fields, fields, { requestHeader: { 'X-User': accept() } });
    passes(fields, fields, { requestHeader: { 'X-User': drop(), X_User: accept() } });
    passes('', 'X_User: ann\r\n', {
      requestHeader: { 'X-User': drop() },
      request: {
        POST: ({ headers }) => {
          headers.set('X_User', 'ann');
          return accept();
        },
      },
    });
  });
});

describe('disguiseRules()', () => {
  it('have every spelling', () => {
    const names = Object.keys(disguiseRules({}));
    assert.equal(names.length, 1 + 4 + 4 + 8 + 4 + 4);
    assert.ok(names.includes('X-HTTP_Method-Override'));
  });
});
