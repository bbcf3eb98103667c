import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeAuthenticator } from '../../../../test/support/fake-authenticator.ts';
import { exchangeOf } from '../../../../test/support/http-heads.ts';
import { ErrorPages } from '../pages/error-pages.ts';
import { Refused } from '../problem.ts';
import { latin1 } from '../heads/byte-text.ts';
import type { OwnAnswer } from '../own-answer.ts';
import { PLAIN_AUTHENTICATION } from './authentication-settings.ts';
import type { BasicSettings } from './basic-login.ts';
import { BasicLogin } from './basic-login.ts';
import type { StepResult } from '../gate.ts';

function basic(value: string): string {
  return `Basic ${Buffer.from(value).toString('base64')}`;
}

function loginOf(
  changes: Partial<BasicSettings> = {},
  forward: 'none' | 'Authorization' = 'none',
): BasicLogin {
  const authentication = { ...PLAIN_AUTHENTICATION, forward };
  return new BasicLogin({
    mode: 'explicit',
    pages: new ErrorPages(undefined, 'en'),
    authentication,
    ...changes,
  });
}

function exchangeWith(...fields: readonly string[]): ReturnType<typeof exchangeOf> {
  const lines = ['GET /a HTTP/1.1', 'Host: web.example', ...fields];
  return exchangeOf(`${lines.join('\r\n')}\r\n\r\n`);
}

function isAnswer(asked: StepResult): asked is OwnAnswer {
  return typeof asked === 'object' && 'status' in asked;
}

function challengeOf(asked: StepResult): string {
  assert.ok(isAnswer(asked));
  const field = /^(?:WWW|Proxy)-Authenticate: .*$/m.exec(asked.fields)?.[0].trim() ?? '';
  return `${asked.status} ${asked.reason ?? ''} ${field}`;
}

describe('BasicLogin', () => {
  it('challenges as a proxy or as a server', () => {
    const authenticator = new FakeAuthenticator();
    assert.equal(
      challengeOf(loginOf().ask(exchangeWith(), authenticator)),
      '407 authentication.required Proxy-Authenticate: Basic realm="Zorp HTTP auth", charset="UTF-8"',
    );
    assert.equal(
      challengeOf(loginOf({ mode: 'transparent' }).ask(exchangeWith(), authenticator)),
      '401 authentication.required WWW-Authenticate: Basic realm="Zorp HTTP auth", charset="UTF-8"',
    );
  });

  it('quotes its realm, and makes another one of it when users are asked anew', () => {
    const authentication = { ...PLAIN_AUTHENTICATION, realm: 'a "b\\c' };
    const asked = loginOf({ authentication }).ask(
      exchangeWith(),
      new FakeAuthenticator({ challengeId: '6a' }),
    );
    assert.match(challengeOf(asked), /realm="a \\"b\\\\c #6a"/);
  });

  it('takes the credentials of its own field only', () => {
    const fields = [`Authorization: ${basic('alice:secret')}`];
    const authenticator = new FakeAuthenticator();
    assert.match(challengeOf(loginOf().ask(exchangeWith(...fields), authenticator)), /^407/);
    assert.deepEqual(authenticator.asked, []);
    const transparent = loginOf({ mode: 'transparent' });
    assert.equal(transparent.ask(exchangeWith(...fields), authenticator), undefined);
    assert.deepEqual(authenticator.asked, [{ user: 'alice', password: 'secret' }]);
  });

  it('challenges anew what does not fit, and what is of another scheme', () => {
    for (const [value, reason] of [
      [basic('alice:wrong'), 'authentication.rejected'],
      [basic('tired:x'), 'authentication.time-over'],
      ['Bearer abc', 'authentication.required'],
      ['Basic !', 'authentication.required'],
    ]) {
      const exchange = exchangeWith(`Proxy-Authorization: ${value ?? ''}`);
      const asked = loginOf().ask(exchange, new FakeAuthenticator());
      assert.match(challengeOf(asked), new RegExp(`^407 ${reason ?? ''} `));
    }
  });

  it('refuses whom asking again does not help', () => {
    for (const user of ['mallory', 'hasty', 'nobody'])
      assert.throws(
        () =>
          loginOf().ask(
            exchangeWith(`Proxy-Authorization: ${basic(`${user}:x`)}`),
            new FakeAuthenticator(),
          ),
        Refused,
      );
  });

  it('takes the credentials out, so that nobody behind sees them', () => {
    const exchange = exchangeWith('A: b', `Authorization: ${basic('alice:secret')}`, 'C: d');
    loginOf({ mode: 'transparent' }).ask(exchange, new FakeAuthenticator());
    const { bytes, base, end } = exchange.head;
    assert.equal(
      latin1(bytes, base, end),
      'GET /a HTTP/1.1\r\nHost: web.example\r\nA: b\r\nC: d\r\n\r\n',
    );
    assert.equal(exchange.policyRequest().headers.has('Authorization'), false);
    assert.equal(exchange.credentials, undefined);
  });

  it('passes them on in the field that the policy names, and the only one of it', () => {
    const value = basic('alice:secret');
    const exchange = exchangeWith(`Proxy-Authorization: ${value}`, 'Authorization: Bearer theirs');
    loginOf({}, 'Authorization').ask(exchange, new FakeAuthenticator());
    assert.equal(exchange.credentials, `Authorization: ${value}\r\n`);
    assert.equal(exchange.head.count, 1);
  });

  it('takes its credentials out of what a known client sends, and leaves those of the server', () => {
    const login = loginOf({ mode: 'transparent' }, 'Authorization');
    const ours = basic('alice:secret');
    const known = exchangeWith(`Authorization: ${ours}`);
    login.known(known, new FakeAuthenticator());
    assert.equal(known.head.count, 1);
    assert.equal(known.credentials, `Authorization: ${ours}\r\n`);
    for (const value of [basic('alice:theirs'), 'Bearer theirs']) {
      const exchange = exchangeWith(`Authorization: ${value}`);
      login.known(exchange, new FakeAuthenticator());
      assert.equal(exchange.head.count, 2);
      assert.equal(exchange.credentials, undefined);
    }
  });

  it('waits for an answer that comes later', () => {
    const exchange = exchangeWith(`Proxy-Authorization: ${basic('alice:secret')}`);
    const asked = loginOf().ask(exchange, new FakeAuthenticator({ isLate: true }));
    assert.ok(typeof asked === 'object' && 'then' in asked);
    assert.equal(exchange.head.count, 2, 'nothing is decided yet');
  });
});
