import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSeals } from '../../../../test/support/fake-authenticator.ts';
import { exchangeOf } from '../../../../test/support/http-heads.ts';
import { Refused } from '../problem.ts';
import { takeLoginCookie, writeLoginCookie } from './login-cookie.ts';

const ALICE = { user: 'alice', groups: ['staff', 'žena'] };
const parts = { seals: openSeals, lifetimeMs: 60_000 };

function exchangeWith(cookie: string, host = 'web.example'): ReturnType<typeof exchangeOf> {
  return exchangeOf(`GET /a HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`);
}

function pairFor(exchange: ReturnType<typeof exchangeOf>): string {
  return writeLoginCookie(exchange.request.url, ALICE, parts).split(';')[0] ?? '';
}

describe('writeLoginCookie()', () => {
  it('is for this host only, and no script sees it', () => {
    const { url } = exchangeWith('a=b').request;
    assert.match(
      writeLoginCookie(url, ALICE, parts),
      /^zorp-login=[A-Za-z0-9_-]+; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax$/,
    );
    assert.match(
      writeLoginCookie({ ...url, scheme: 'https' }, ALICE, parts),
      /^__Host-zorp-login=[A-Za-z0-9_-]+; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  it('is no longer than browsers keep', () => {
    const { url } = exchangeWith('a=b').request;
    const groups = Array.from({ length: 400 }, (_group, at) => `group ${at}`);
    assert.throws(
      () => writeLoginCookie(url, { user: 'alice', groups }, parts),
      (error) => error instanceof Refused && error.problem.code === 'http.login-too-big',
    );
  });
});

describe('takeLoginCookie()', () => {
  it('gives whom the cookie names, and takes it out', () => {
    const pair = pairFor(exchangeWith('x'));
    const exchange = exchangeWith(`a=1; ${pair}; b=2`);
    assert.deepEqual(takeLoginCookie(exchange, openSeals), ALICE);
    assert.deepEqual(exchange.policyRequest().headers.getAll('Cookie'), ['a=1; b=2']);
    const only = exchangeWith(pair);
    assert.deepEqual(takeLoginCookie(only, openSeals), ALICE);
    assert.equal(only.policyRequest().headers.has('Cookie'), false);
  });

  it('takes out also what it does not believe', () => {
    const exchange = exchangeWith('a=1; zorp-login=forged');
    assert.equal(takeLoginCookie(exchange, openSeals), undefined);
    assert.deepEqual(exchange.policyRequest().headers.getAll('Cookie'), ['a=1']);
  });

  it('does not believe the cookie of another site', () => {
    const pair = pairFor(exchangeWith('x', 'other.example'));
    assert.equal(takeLoginCookie(exchangeWith(pair), openSeals), undefined);
  });

  it('finds ours among others of the name, in whatever field', () => {
    const pair = pairFor(exchangeWith('x'));
    const exchange = exchangeWith(`zorp-login=x; a=1\r\nX: y\r\nCookie: zorp-login=; ${pair}`);
    assert.deepEqual(takeLoginCookie(exchange, openSeals), ALICE);
    assert.deepEqual(exchange.policyRequest().headers.getAll('Cookie'), ['a=1']);
  });

  it('takes out over TLS what browsers keep of the same host without TLS', () => {
    const secure = { mode: 'transparent', defaultPort: 443 } as const;
    const head = (cookie: string): string =>
      `GET /a HTTP/1.1\r\nHost: web.example\r\nCookie: ${cookie}\r\n\r\n`;
    const plain = pairFor(exchangeWith('x'));
    const own = pairFor(exchangeOf(head('x'), secure));
    assert.match(own, /^__Host-zorp-login=/);
    const exchange = exchangeOf(head(`${plain}; a=1; ${own}`), secure);
    assert.deepEqual(takeLoginCookie(exchange, openSeals), ALICE);
    assert.deepEqual(exchange.policyRequest().headers.getAll('Cookie'), ['a=1']);
    const without = exchangeOf(head(plain), secure);
    assert.equal(takeLoginCookie(without, openSeals), undefined);
    assert.equal(without.policyRequest().headers.has('Cookie'), false);
  });

  it('leaves requests alone that have none', () => {
    const exchange = exchangeWith('a=1;zorp-logins=x');
    const { head } = exchange;
    assert.equal(takeLoginCookie(exchange, openSeals), undefined);
    assert.equal(exchange.head, head);
  });
});
