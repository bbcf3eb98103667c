import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeAuthenticator, openSeals } from '../../../../test/support/fake-authenticator.ts';
import { exchangeOf } from '../../../../test/support/http-heads.ts';
import { ErrorPages } from '../pages/error-pages.ts';
import type { Exchange } from '../exchange.ts';
import type { OwnAnswer } from '../own-answer.ts';
import { Refused } from '../problem.ts';
import { PLAIN_AUTHENTICATION } from './authentication-settings.ts';
import { BasicLogin } from './basic-login.ts';
import { FormLogin } from './form-login.ts';
import type { StepResult } from '../gate.ts';

const settings = {
  mode: 'transparent',
  pages: new ErrorPages(undefined, 'en'),
  authentication: PLAIN_AUTHENTICATION,
} as const;
const login = new FormLogin(settings, 60_000, new BasicLogin(settings));

function get(path: string, ...fields: readonly string[]): Exchange {
  return exchangeOf(
    `${[`GET ${path} HTTP/1.1`, 'Host: web.example', ...fields].join('\r\n')}\r\n\r\n`,
  );
}

function post(...fields: readonly string[]): Exchange {
  const lines = [
    'POST /.well-known/zorp-login HTTP/1.1',
    'Host: web.example',
    'Content-Length: 10',
    'Content-Type: application/x-www-form-urlencoded',
    ...fields,
  ];
  return exchangeOf(`${lines.join('\r\n')}\r\n\r\n`);
}

function answerOf(asked: StepResult): OwnAnswer {
  assert.ok(typeof asked === 'object' && 'status' in asked);
  return asked;
}

function pageOf(asked: StepResult): {
  path: string;
  isRepeated: boolean;
  reason: string | undefined;
} {
  const { status, body, reason } = answerOf(asked);
  assert.equal(status, 511);
  const text = Buffer.from(body).toString();
  const ticket = /name="ticket" value="([^"]*)"/.exec(text)?.[1] ?? '';
  const path = openSeals.open('http-login-form http://web.example', ticket) ?? 'none';
  return { path, isRepeated: text.includes('do not fit'), reason };
}

function ticketFor(path: string, site = 'http://web.example'): string {
  return openSeals.seal(`http-login-form ${site}`, path, 0);
}

function submit(
  fields: Readonly<Record<string, string>>,
  authenticator = new FakeAuthenticator(),
): StepResult {
  const exchange = post();
  assert.equal(login.ask(exchange, authenticator), 'body');
  const body = Buffer.from(new URLSearchParams(fields).toString());
  return login.withBody(exchange, body, authenticator);
}

const ACCEPTED = { type: 'accepted', identity: { user: 'alice', groups: [] } } as const;
const ALICE = { user: 'alice', password: 'secret' };

describe('FormLogin', () => {
  it('asks with a page that leads back to where the request was for', () => {
    const asked = login.ask(get('/deep/page?a=b'), new FakeAuthenticator());
    assert.deepEqual(pageOf(asked), {
      path: '/deep/page?a=b',
      isRepeated: false,
      reason: 'authentication.required',
    });
  });

  it('leads to the beginning of the site where a ticket could not hold the page', () => {
    // Each is three characters in canonical form.
    for (const [count, leadsTo] of [
      [1_999, 5_999],
      [2_000, 1],
    ] as const) {
      const asked = login.ask(get(`/?${"'".repeat(count)}`), new FakeAuthenticator());
      assert.equal(pageOf(asked).path.length, leadsTo);
    }
  });

  it('leads to the beginning of the site where a request is for no page', () => {
    const exchange = exchangeOf('OPTIONS * HTTP/1.1\r\nHost: web.example\r\n\r\n');
    assert.equal(pageOf(login.ask(exchange, new FakeAuthenticator())).path, '/');
  });

  it('lets who logs in go on there, with a cookie', () => {
    const { status, fields } = answerOf(submit({ ...ALICE, ticket: ticketFor('/deep?a=b') }));
    assert.equal(status, 303);
    assert.match(fields, /^Location: http:\/\/web\.example\/deep\?a=b\r\n/);
    const cookie = /Set-Cookie: (zorp-login=[^;]*); .*Max-Age=60;/.exec(fields)?.[1] ?? '';
    const exchange = get('/deep?a=b', `Cookie: ${cookie}; theirs=1`);
    assert.equal(login.ask(exchange, new FakeAuthenticator()), undefined);
    assert.deepEqual(exchange.policyRequest().headers.getAll('Cookie'), ['theirs=1']);
  });

  it('asks again where name and password do not fit, and keeps the way back', () => {
    const asked = submit({ ...ALICE, password: 'wrong', ticket: ticketFor('/deep') });
    assert.deepEqual(pageOf(asked), {
      path: '/deep',
      isRepeated: true,
      reason: 'authentication.rejected',
    });
  });

  it('does not look at a password without a ticket of this site', () => {
    const other = ticketFor('/deep', 'http://other.example');
    const forged = [{}, { ticket: 'x' }, { ticket: other }, { ticket: '//evil.example/' }];
    for (const fields of forged) {
      const authenticator = new FakeAuthenticator();
      const asked = submit({ ...ALICE, ...fields }, authenticator);
      assert.equal(pageOf(asked).path, '/');
      assert.deepEqual(authenticator.asked, []);
    }
  });

  it('never leads to another host, whatever the path is', () => {
    for (const path of ['//evil.example/', '/\\evil.example', '/@evil.example']) {
      const { fields } = answerOf(submit({ ...ALICE, ticket: ticketFor(path) }));
      const location = /^Location: ([^\r]*)\r\n/.exec(fields)?.[1] ?? '';
      assert.equal(new URL(location).host, 'web.example', path);
    }
  });

  it('makes no field of a path with a line end in it', () => {
    const asked = (): StepResult => submit({ ...ALICE, ticket: ticketFor('/\r\nSet-Cookie: a=b') });
    assert.throws(asked, /control character/);
  });

  it('takes no other form', () => {
    const authenticator = new FakeAuthenticator();
    const ticket = ticketFor('/');
    for (const [type, body] of [
      ['text/plain', `user=alice&password=secret&ticket=${ticket}`],
      ['application/x-www-form-urlencoded', `user=alice&user=bob&password=secret&ticket=${ticket}`],
      ['application/x-www-form-urlencoded', `user=alice&password=%zz&ticket=${ticket}`],
    ] as const) {
      const exchange = exchangeOf(
        `POST /.well-known/zorp-login HTTP/1.1\r\nHost: web.example\r\nContent-Length: 1\r\nContent-Type: ${type}\r\n\r\n`,
      );
      pageOf(login.withBody(exchange, Buffer.from(body), authenticator));
    }
    assert.deepEqual(authenticator.asked, []);
  });

  it('takes no form that another site sends', () => {
    for (const origin of ['http://web.example', 'http://web.example.'])
      assert.equal(login.ask(post(`Origin: ${origin}`), new FakeAuthenticator()), 'body');
    const others = ['http://evil.example', 'https://web.example', 'null', 'http://web.example..'];
    for (const origin of others)
      assert.throws(
        () => login.ask(post(`Origin: ${origin}`), new FakeAuthenticator()),
        (error) =>
          error instanceof Refused &&
          error.problem.code === 'http.login-forged' &&
          error.problem.message === 'The login comes from another site than http://web.example',
      );
  });

  it('takes the credentials that a program brings, and asks with the page if they do not fit', () => {
    const basic = (text: string): string =>
      `Authorization: Basic ${Buffer.from(text).toString('base64')}`;
    const exchange = get('/a', basic('alice:secret'));
    assert.equal(login.ask(exchange, new FakeAuthenticator()), undefined);
    assert.equal(exchange.head.count, 1);
    const late = new FakeAuthenticator({ isLate: true });
    assert.ok(typeof login.ask(get('/a', basic('alice:x')), late) === 'object');
    const rejected = {
      type: 'rejected',
      reason: 'authentication.rejected',
      message: 'No',
    } as const;
    assert.equal(pageOf(login.concluded(get('/a'), rejected, late)).path, '/a');
    assert.equal(pageOf(login.ask(get('/a', 'Authorization: Bearer x'), late)).path, '/a');
  });

  it('takes out what a program brings that is known, by a cookie too', () => {
    const ours = `Authorization: Basic ${Buffer.from('alice:secret').toString('base64')}`;
    const known = get('/a', ours);
    assert.equal(login.known(known, new FakeAuthenticator()), undefined);
    assert.equal(known.head.count, 1);
    const text = JSON.stringify(['alice']);
    const cookie = openSeals.seal('http-login-cookie http://web.example', text, 0);
    const both = get('/a', `Cookie: zorp-login=${cookie}`, ours);
    assert.equal(login.ask(both, new FakeAuthenticator()), undefined);
    assert.equal(both.head.count, 1);
  });

  it('does not believe a cookie whose user may not any more', () => {
    const text = JSON.stringify(['mallory']);
    const cookie = openSeals.seal('http-login-cookie http://web.example', text, 0);
    const exchange = get('/a', `Cookie: zorp-login=${cookie}`);
    assert.throws(() => login.ask(exchange, new FakeAuthenticator()), Refused);
  });

  it('has nothing on its own page for who is known', () => {
    const exchange = get('/.well-known/zorp-login?x');
    assert.match(
      answerOf(login.known(exchange, new FakeAuthenticator())).fields,
      /^Location: http:\/\/web\.example\/\r\n/,
    );
    assert.equal(pageOf(login.ask(exchange, new FakeAuthenticator())).path, '/');
  });

  it('leads on from a form whose address became known while it was open', () => {
    const authenticator = new FakeAuthenticator({ known: ACCEPTED });
    const leadsTo = (ticket: string): string => {
      const exchange = post();
      assert.equal(login.known(exchange, authenticator), 'body');
      const body = Buffer.from(new URLSearchParams({ ...ALICE, ticket }).toString());
      const { fields } = answerOf(login.withBody(exchange, body, authenticator));
      return /^Location: (.*)\r\n/.exec(fields)?.[1] ?? 'nowhere';
    };
    assert.equal(leadsTo(ticketFor('/two?a')), 'http://web.example/two?a');
    assert.equal(leadsTo('forged'), 'http://web.example/');
    const forged = post('Origin: http://evil.example');
    assert.throws(() => login.known(forged, authenticator), Refused);
  });

  it('is never left to the server, where a program brings credentials', () => {
    const ours = `Authorization: Basic ${Buffer.from('alice:secret').toString('base64')}`;
    for (const isLate of [false, true]) {
      const authenticator = new FakeAuthenticator({ isLate });
      const exchange = get('/.well-known/zorp-login', ours);
      const asked = isLate
        ? login.concluded(exchange, ACCEPTED, authenticator)
        : login.ask(exchange, authenticator);
      assert.match(answerOf(asked).fields, /^Location: http:\/\/web\.example\/\r\n/);
    }
  });
});
