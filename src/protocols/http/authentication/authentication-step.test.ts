// Users at the engine: what the client hears, and what the server gets.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FakeLogins } from '../../../../test/support/fake-authenticator.ts';
import { FakeAuthenticator, openSeals } from '../../../../test/support/fake-authenticator.ts';
import { GET, OK, page, WEB } from '../../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  connect,
  connected,
  elapsed,
  end,
  hold,
  playbook,
  received,
  release,
  send,
  sendLike,
  started,
  testContext,
} from '../../../../test/support/playbook.ts';
import { accept } from '../../../proxy/policy-action.ts';
import type { ProxyEngine } from '../../../proxy/engine.ts';
import { plugProxy } from '../../plug/index.ts';
import type { HttpOptions } from '../http-options.ts';
import { httpProxy } from '../index.ts';

const BASIC = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
const WRONG = `Basic ${Buffer.from('alice:wrong').toString('base64')}`;

function engineOf(options: HttpOptions, logins: FakeLogins): ProxyEngine {
  const authenticator = new FakeAuthenticator(logins);
  const session = testContext({ user: 'alice', groups: ['staff'] }).session;
  return httpProxy(options).create({ session, authenticator });
}

function explicit(logins: FakeLogins = {}, options: HttpOptions = {}): Playbook {
  const engine = engineOf({ mode: 'explicit', ...options }, logins);
  return playbook(engine, { ignoring: ['log', 'timer'] }).given(started());
}

function transparent(options: HttpOptions = {}, logins: FakeLogins = {}): Playbook {
  const engine = engineOf(options, logins);
  return playbook(engine, { ignoring: ['log', 'timer'] }).given(started());
}

function proxied(...fields: readonly string[]): string {
  const lines = ['GET http://web.example/a HTTP/1.1', 'Host: web.example', ...fields];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const CHALLENGE =
  /^HTTP\/1\.1 407 [^]*\r\nProxy-Authenticate: Basic realm=[^]*<code>authentication\.required</;

describe('users of an explicit proxy', () => {
  it('are asked, and the connection stays', () => {
    explicit()
      .when(received('client', proxied()))
      .expect(sendLike('client', CHALLENGE))
      .when(received('client', proxied(`Proxy-Authorization: ${BASIC}`)))
      .expect(hold('client'), connect(WEB))
      .when(connected())
      .expect(send('server', GET));
  });

  it('are asked at each request of a connection', () => {
    explicit()
      .given(received('client', proxied(`Proxy-Authorization: ${BASIC}`)), connected())
      .when(received('server', OK))
      .expect(send('client', OK), release('client'))
      .when(received('client', proxied()))
      .expect(sendLike('client', CHALLENGE));
  });

  it('are asked in their order when they do not wait for answers', () => {
    explicit()
      .when(
        received('client', `${proxied()}${proxied(`Proxy-Authorization: ${BASIC}`)}${proxied()}`),
      )
      .expect(sendLike('client', CHALLENGE), hold('client'), connect(WEB))
      .when(connected())
      .expect(send('server', GET))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'), sendLike('client', CHALLENGE));
  });

  it('are asked before a body is read, which ends the connection', () => {
    const post =
      'POST http://web.example/a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 5\r\n\r\n';
    explicit()
      .when(received('client', `${post}hello`))
      .expect(sendLike('client', /^HTTP\/1\.1 407 [^]*\r\nConnection: close\r\n/), end('client'));
  });

  it('are asked before a tunnel is made, and what was meant for it is no request', () => {
    const tunnel = { kind: 'service', name: 'tunnel', proxy: plugProxy() } as const;
    const head = 'CONNECT web.example:443 HTTP/1.1\r\nHost: web.example:443\r\n';
    const smuggled = proxied(`Proxy-Authorization: ${BASIC}`);
    explicit({}, { connect: tunnel })
      .when(received('client', `${head}\r\n${smuggled}`))
      .expect(sendLike('client', /^HTTP\/1\.1 407 [^]*\r\nConnection: close\r\n/), end('client'))
      .when(received('client', smuggled))
      .expect();
    explicit({}, { connect: tunnel })
      .when(received('client', `${head}Proxy-Authorization: ${BASIC}\r\n\r\n`))
      .expect(hold('client'), connect({ host: 'web.example', port: 443 }));
  });

  it('wait while their password is checked', () => {
    const told: string[] = [];
    const engine = engineOf({ mode: 'explicit' }, { isLate: true });
    engine.handle(started());
    for (const action of engine.handle(
      received('client', proxied(`Proxy-Authorization: ${BASIC}`)),
    ))
      told.push(action.type);
    assert.deepEqual(told, ['hold', 'timer', 'wait']);
    const identity = { user: 'alice', groups: [] };
    const outcome = { ok: true, value: { type: 'accepted', identity } } as const;
    const actions = engine.handle({ type: 'resolved', outcome });
    assert.deepEqual(
      actions.filter(({ type }) => type === 'connect'),
      [{ type: 'connect', port: 'server', target: WEB }],
    );
  });

  it('are told why they may not pass', () => {
    for (const [user, status, code] of [
      ['mallory', 403, 'authorization.refused'],
      ['hasty', 429, 'authentication.hasty'],
      ['nobody', 503, 'authentication.provider-failed'],
    ] as const) {
      const value = `Basic ${Buffer.from(`${user}:x`).toString('base64')}`;
      explicit()
        .when(received('client', proxied(`Proxy-Authorization: ${value}`)))
        .expect(sendLike('client', page(status, code)), end('client'));
    }
  });

  it('are not asked where they are known, and then nothing of it goes on', () => {
    const identity = { user: 'alice', groups: [] };
    explicit({ known: { type: 'accepted', identity } })
      .given(received('client', proxied(`Proxy-Authorization: ${WRONG}`)))
      .when(connected())
      .expect(send('server', GET));
  });

  it('are what functions of the policy see, without their passwords', () => {
    const seen: unknown[] = [];
    explicit(
      {},
      {
        request: {
          GET: (request, session) => {
            seen.push(session.user, session.groups, request.headers.has('Proxy-Authorization'));
            return accept();
          },
        },
      },
    ).given(received('client', proxied(`Proxy-Authorization: ${BASIC}`)));
    assert.deepEqual(seen, ['alice', ['staff'], false]);
  });

  it('stand in the log line of their request', () => {
    const engine = engineOf({ mode: 'explicit' }, {});
    const events = [
      started(),
      received('client', proxied()),
      received('client', proxied(`Proxy-Authorization: ${BASIC}`)),
      connected(),
      received('server', OK),
    ];
    const lines = events
      .flatMap((event) => engine.handle(event))
      .filter((action) => action.type === 'log');
    assert.deepEqual(
      lines.map(({ code, fields }) => [
        code,
        fields?.['user'],
        fields?.['status'],
        fields?.['reason'],
      ]),
      [
        ['http.request', undefined, 407, 'authentication.required'],
        ['http.request', 'alice', 200, undefined],
      ],
    );
    assert.doesNotMatch(JSON.stringify(lines), /secret|Basic/);
  });

  it('stand in the log lines of a proxy that is stacked in the one which asked', () => {
    const { session } = testContext({ user: 'alice' });
    const engine = httpProxy().create({ session });
    const request = 'GET /a HTTP/1.1\r\nHost: web.example\r\n\r\n';
    const events = [started(), received('client', request), connected(), received('server', OK)];
    const lines = events
      .flatMap((event) => engine.handle(event))
      .filter((action) => action.type === 'log');
    assert.deepEqual(
      lines.map(({ code, fields }) => [code, fields?.['user']]),
      [['http.request', 'alice']],
    );
  });

  it('have their credentials passed on where the policy says so', () => {
    explicit({}, { authentication: { forward: 'Proxy-Authorization' } })
      .given(received('client', proxied(`Proxy-Authorization: ${BASIC}`)))
      .when(connected())
      .expect(send('server', GET.replace('\r\n\r\n', `\r\nProxy-Authorization: ${BASIC}\r\n\r\n`)));
  });
});

describe('users of a transparent proxy', () => {
  it('are asked as the server would, and it does not see their password', () => {
    transparent()
      .when(received('client', GET))
      .expect(sendLike('client', /^HTTP\/1\.1 401 [^]*\r\nWWW-Authenticate: Basic/))
      .given(
        received('client', GET.replace('\r\n\r\n', `\r\nAuthorization: ${BASIC}\r\nX: y\r\n\r\n`)),
      )
      .when(connected())
      .expect(send('server', GET.replace('\r\n\r\n', '\r\nX: y\r\n\r\n')));
  });
});

describe('users of a login form', () => {
  const form: HttpOptions = { authentication: { form: true } };
  const ticket = openSeals.seal('http-login-form http://web.example', '/a', 0);
  const body = `user=alice&password=secret&ticket=${ticket}`;
  const HEAD =
    'POST /.well-known/zorp-login HTTP/1.1\r\nHost: web.example\r\n' +
    'Content-Type: application/x-www-form-urlencoded\r\n';
  const LOGGED_IN =
    /^HTTP\/1\.1 303 [^]*Location: http:\/\/web\.example\/a\r\n[^]*Set-Cookie: zorp-login=/;

  it('get a page, log in, and go on, all on one connection', () => {
    transparent(form)
      .when(received('client', GET))
      .expect(sendLike('client', /^HTTP\/1\.1 511 [^]*<form method="post"/))
      .when(received('client', `${HEAD}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`))
      .expect()
      .when(received('client', `${body.slice(20)}${GET}`))
      .expect(
        hold('client'),
        sendLike('client', LOGGED_IN),
        release('client'),
        sendLike('client', /^HTTP\/1\.1 511 /),
      );
  });

  it('may send the form in chunks, and wait for a 100', () => {
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    transparent(form)
      .when(received('client', `${HEAD}Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n`))
      .expect(send('client', 'HTTP/1.1 100 Continue\r\n\r\n'))
      .when(received('client', chunk))
      .expect(hold('client'), sendLike('client', LOGGED_IN), release('client'));
  });

  it('may not send a form that is none, or too long', () => {
    transparent(form)
      .when(received('client', `${HEAD}Content-Length: 0\r\n\r\n`))
      .expect(sendLike('client', /^HTTP\/1\.1 511 /));
    transparent(form)
      .when(received('client', `${HEAD}Content-Length: 12289\r\n\r\n`))
      .expect(sendLike('client', page(413, 'http.body-too-long')), end('client'));
    transparent(form)
      .when(received('client', `${HEAD}Transfer-Encoding: chunked\r\n\r\n3001\r\n`))
      .expect(sendLike('client', page(413, 'http.body-too-long')), end('client'));
  });

  it('have the time of a head for it, however it trickles in', () => {
    const engine = engineOf(form, {});
    engine.handle(started());
    const head = received('client', `${HEAD}Content-Length: ${body.length}\r\n\r\n`);
    const timers = engine.handle(head).filter(({ type }) => type === 'timer');
    assert.ok(
      timers.some((one) => 'afterMs' in one && one.afterMs === 10_000 && one.mode === 'total'),
    );
    transparent(form)
      .given(head, received('client', body.slice(0, 5)))
      .when(elapsed('http'))
      .expect(sendLike('client', page(408, 'http.request-timeout')), end('client'));
  });

  it('send nothing of it to the server', () => {
    const engine = engineOf(form, { isLate: true });
    const events = [
      started(),
      received('client', `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`),
    ];
    const actions = events.flatMap((event) => engine.handle(event));
    assert.ok(actions.some(({ type }) => type === 'wait'));
    const rejected = {
      type: 'rejected',
      reason: 'authentication.rejected',
      message: 'No',
    } as const;
    const outcome = { ok: true, value: rejected } as const;
    actions.push(...engine.handle({ type: 'resolved', outcome }));
    assert.ok(!actions.some((action) => 'to' in action && action.to === 'server'));
    assert.ok(!actions.some(({ type }) => type === 'connect'));
  });
});

describe('a service that asks nobody', () => {
  it('passes credentials on as the server wants them', () => {
    const request = GET.replace('\r\n\r\n', `\r\nAuthorization: ${BASIC}\r\n\r\n`);
    playbook(httpProxy().create(testContext()), { ignoring: ['log', 'timer'] })
      .given(started(), received('client', request))
      .when(connected())
      .expect(send('server', request));
  });
});
