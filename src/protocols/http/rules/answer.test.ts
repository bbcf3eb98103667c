import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  asked,
  begun,
  GET,
  httpEngine,
  OK,
  page,
  WEB,
} from '../../../../test/support/http-dialogue.ts';
import { toText } from '../../../../test/support/latin1.ts';
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
  release,
  resolved,
  send,
  sendLike,
  started,
  timer,
  wait,
} from '../../../../test/support/playbook.ts';
import { accept } from '../../../proxy/policy-action.ts';
import { faultsOf } from '../../../proxy/policy-fault.ts';
import type { AnswerOptions } from './answer.ts';
import { answer, isAnswer, redirect } from './answer.ts';
import type { HttpOptions } from '../http-options.ts';

const TEAPOT = answer({ status: 418, headers: { 'X-A': ['1', '2'] }, body: 'short' });
const TEAPOT_HEAD =
  'HTTP/1.1 418 Error\r\nContent-Type: text/plain; charset=utf-8\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 5\r\n';
const MOVED = 'HTTP/1.1 302 Found\r\nLocation: https://b.example/\r\nContent-Length: 0\r\n\r\n';

describe('answer() to a request', () => {
  it('is sent with log and accounting, asks no server, and keeps the connection', () => {
    playbook(httpEngine({ request: { GET: TEAPOT } }))
      .given(started())
      .when(received('client', GET))
      .expect(
        log('http.answered'),
        log('http.request'),
        send('client', `${TEAPOT_HEAD}\r\nshort`),
        timer('http', 10_000),
      )
      .when(ended('client'))
      .expect(close('accepted', 'http.finished'));
  });

  it('is what functions give, at once or later', () => {
    begun({ request: { GET: ({ url }) => redirect(`https://b.example${url.path.slice(0, 1)}`) } })
      .when(received('client', GET + GET))
      .expect(send('client', MOVED), send('client', MOVED));
    begun({ request: { GET: () => Promise.resolve(accept()) } })
      .when(received('client', GET + GET))
      .expect(hold('client'), wait())
      .when(resolved(redirect('https://b.example/')))
      .expect(send('client', MOVED), release('client'), hold('client'), wait())
      .when(resolved(accept()))
      .expect(connect(WEB));
  });

  it('leaves a server alone that waits for the next request', () => {
    begun({ request: { GET: accept(), POST: TEAPOT } })
      .given(received('client', GET), connected(), received('server', OK))
      .when(received('client', 'POST / HTTP/1.1\r\nHost: a\r\n\r\n'))
      .expect(send('client', `${TEAPOT_HEAD}\r\nshort`))
      .when(received('client', GET))
      .expect(send('server', GET), hold('client'));
  });

  it('ends the connection where a body would have to be read first', () => {
    begun({ request: { POST: TEAPOT } })
      .when(received('client', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf'))
      .expect(send('client', `${TEAPOT_HEAD}Connection: close\r\n\r\nshort`), end('client'))
      .when(received('client', 'other'))
      .expect()
      .when(ended('client'))
      .expect(close('accepted', 'http.finished'));
  });

  it('is framed for HEAD and for HTTP/1.0', () => {
    begun({ request: { '*': TEAPOT } })
      .when(received('client', GET.replace('GET', 'HEAD')))
      .expect(send('client', `${TEAPOT_HEAD}\r\n`))
      .when(received('client', GET.replace('1.1\r\n', '1.0\r\nConnection: keep-alive\r\n')))
      .expect(send('client', `${TEAPOT_HEAD}Connection: keep-alive\r\n\r\nshort`))
      .when(received('client', GET.replace('1.1', '1.0')))
      .expect(
        send('client', `${TEAPOT_HEAD}Connection: close\r\n\r\nshort`),
        close('accepted', 'http.finished'),
      );
  });

  it('opens no tunnel that is none', () => {
    const connectRequest = 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n';
    begun({ request: { '*': answer({ body: 'x' }) } })
      .when(received('client', connectRequest))
      .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
    begun({ request: { '*': redirect('/') } })
      .when(received('client', connectRequest))
      .expect(sendLike('client', /^HTTP\/1\.1 302 /), end('client'));
  });
});

describe('answer() to a response', () => {
  const replaced = (rule: NonNullable<HttpOptions['response']>[string][string]): HttpOptions => ({
    response: { '*': { '*': rule } },
  });

  it('takes its place, and the server connection goes with the rest of it', () => {
    asked(GET, replaced(TEAPOT))
      .when(received('server', OK.slice(0, -1)))
      .expect(disconnect(), send('client', `${TEAPOT_HEAD}\r\nshort`), release('client'))
      .when(received('client', GET))
      .expect(hold('client'), connect(WEB));
  });

  it('is what functions give, at once or later', () => {
    asked(
      GET,
      replaced(({ status }) => redirect(`/${status}`, 307)),
    )
      .when(received('server', OK))
      .expect(
        disconnect(),
        sendLike('client', /^HTTP\/1\.1 307 [^]*Location: \/200/),
        release('client'),
      );
    asked(
      GET,
      replaced(() => Promise.resolve(accept())),
    )
      .when(received('server', OK))
      .expect(wait())
      .when(resolved(TEAPOT))
      .expect(disconnect(), send('client', `${TEAPOT_HEAD}\r\nshort`), release('client'));
  });

  it('ends the connection when it overtakes the request', () => {
    asked('POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 9\r\n\r\nhalf', {
      ...replaced(TEAPOT),
    })
      .when(received('server', OK))
      .expect(
        disconnect(),
        send('client', `${TEAPOT_HEAD}Connection: close\r\n\r\nshort`),
        end('client'),
      );
  });
});

describe('the options of answer() and redirect()', () => {
  it('make what they say', () => {
    const made = answer({ body: Buffer.from([1, 2]) });
    assert.deepEqual(
      [made.status, made.fields, toText(made.body)],
      [200, 'Content-Type: application/octet-stream\r\n', '\x01\x02'],
    );
    assert.equal(answer({ status: 204 }).fields, '');
    assert.equal(
      answer({ body: '<p>', contentType: 'text/html' }).fields,
      'Content-Type: text/html\r\n',
    );
    assert.equal(Buffer.from(answer({ body: 'ő' }).body).toString(), 'ő');
    assert.equal(redirect('/a?b=%0d%0a', 308).status, 308);
    assert.deepEqual(faultsOf(redirect('https://[2001:db8::1]:8443/a')), []);
  });

  it('take a copy of the bytes', () => {
    const bytes = Uint8Array.of(1);
    const made = answer({ body: bytes });
    bytes[0] = 2;
    assert.deepEqual([...made.body], [1]);
  });

  it('take a status with the field that it needs', () => {
    const allowed = answer({ status: 405, headers: { allow: 'GET' } });
    const asked = answer({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="a"' } });
    assert.deepEqual([faultsOf(allowed), faultsOf(asked)], [[], []]);
  });

  const faulty: [options: unknown, path: string, cure: RegExp][] = [
    [{ status: 199 }, 'status', /200 to 599/],
    [{ status: 600 }, 'status', /200 to 599/],
    [{ body: 5 }, 'body', /text or bytes/],
    [{ status: 204, body: 'x' }, 'body', /remove it/],
    [{ status: 205, body: 'x' }, 'body', /remove it/],
    [{ status: 401 }, 'status', /the field that this status needs: WWW-Authenticate/],
    [{ status: 405, headers: { Vary: '*' } }, 'status', /the field that this status needs: Allow/],
    [{ status: 407 }, 'status', /give another status/],
    [{ status: 426 }, 'status', /give another status/],
    [{ contentType: 'text/html\r\nA: b' }, 'contentType', /media type/],
    [{ headers: { 'X-A': 'b\r\nSet-Cookie: c' } }, 'headers.X-A', /without control characters/],
    [{ headers: { 'X-A': ['b', 'c\n'] } }, 'headers.X-A', /without control characters/],
    [{ headers: { 'X A': 'b' } }, 'headers.X A', /token/],
    [{ headers: { 'Content-Length': '5' } }, 'headers.Content-Length', /proxy itself/],
    [{ headers: { Connection: 'close' } }, 'headers.Connection', /proxy itself/],
    [{ headers: { 'Content-Type': 'a/b' } }, 'headers.Content-Type', /contentType/],
    [{ headers: { Host: 'a' } }, 'headers.Host', /requests/],
    [{ headers: { A: 5 } }, 'headers.A', /give a text/],
    [{ reason: 'x' }, 'reason', /no such option/],
  ];
  for (const [options, path, cure] of faulty)
    it(`do not take ${JSON.stringify(options)}`, () => {
      const [fault] = faultsOf(answer(options as AnswerOptions));
      assert.equal(fault?.path, path);
      assert.match(fault.cure, cure);
    });

  for (const location of [
    'http:///x',
    'https://',
    'https://2001:db8::1/',
    'http://a:99999/',
    '//evil.example',
    '/\\evil.example',
    'ftp://a/',
    'javascript:alert(1)',
    '/a\r\nSet-Cookie: b',
    '/a b',
    '/ő',
    'relative',
    '',
  ])
    it(`do not redirect to ${JSON.stringify(location)}`, () => {
      assert.equal(faultsOf(redirect(location))[0]?.path, 'location');
    });

  it('have no fields that are longer than any that are read', () => {
    const long = 'a'.repeat(65_536);
    for (const made of [
      redirect(`/${long}`),
      answer({ headers: { 'X-A': `a${long}` } }),
      answer({ contentType: `a/${long}` }),
    ])
      assert.equal(faultsOf(made).length, 1);
    assert.deepEqual(faultsOf(answer({ headers: { 'X-A': long } })), []);
  });

  it('take only statuses that redirect', () => {
    for (const status of [200, '302'])
      assert.match(faultsOf(redirect('/', status as number))[0]?.cure ?? '', /^give one of 301, /);
  });

  it('are checked before they are used', () => {
    const faulty = redirect('//evil.example');
    begun({ request: { GET: () => faulty } })
      .when(received('client', GET))
      .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
    begun({ request: { GET: () => ({ ...TEAPOT, fields: 'A\r\n\r\n' }) } })
      .when(received('client', GET))
      .expect(sendLike('client', page(500, 'policy.invalid-result')), end('client'));
    assert.deepEqual([isAnswer(faulty), isAnswer({ ...faulty })], [true, false]);
  });
});
