import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpPlan, parsedRequest } from '../../../../test/support/http-heads.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { isPersistent, readConnection } from './connection-options.ts';

function read(fields: string): ConnectionOptions {
  const plan = httpPlan();
  const { known, policy } = plan.requests;
  const head = parsedRequest(`GET / HTTP/1.1\r\n${fields}\r\n`, plan);
  known.note(head);
  return readConnection(head, known, { names: policy.names, side: 'client' });
}

describe('readConnection()', () => {
  for (const [fields, persistence, strip] of [
    ['', 'unsaid', []],
    ['Connection: Keep-Alive\r\n', 'keep-alive', []],
    ['Connection: close\r\n', 'close', []],
    ['Proxy-Connection: keep-alive\r\n', 'keep-alive', []],
    ['Proxy-Connection: keep-alive\r\nConnection: close\r\n', 'close', []],
    ['Proxy-Connection: close\r\nConnection: keep-alive\r\n', 'close', []],
    [
      'Connection: x-one\r\nProxy-Connection: keep-alive, x-two\r\n',
      'keep-alive',
      ['x-one', 'x-two'],
    ],
    ['Connection: keep-alive, close\r\n', 'close', []],
    [
      'Connection: TE, X-One,, Upgrade\r\nA: b\r\nConnection: x-two\r\n',
      'unsaid',
      ['x-one', 'x-two'],
    ],
    ['Connection:\r\n', 'unsaid', []],
  ] as const)
    it(`reads ${JSON.stringify(fields)}`, () => {
      assert.deepEqual(read(fields), { persistence, strip });
    });

  it('refuses to remove what the other side relies on', () => {
    for (const name of [
      ...['Host', 'Content-Length', 'content-type', 'Transfer-Encoding', 'Expect', 'Authorization'],
      ...['Content-Encoding', 'Content-Range', 'Cookie', 'Set-Cookie', 'Cache-Control', 'Location'],
      ...['Forwarded', 'Via', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto'],
      'X-Real-IP',
    ])
      assert.throws(() => read(`Connection: close, ${name}\r\n`), {
        code: 'http.connection-strips-field',
      });
  });

  it('refuses what is no list of names', () => {
    assert.throws(() => read('Connection: a b\r\n'), { code: 'http.bad-connection' });
    assert.throws(() => read('Connection:\xa0keep-alive\r\n'), { code: 'http.bad-connection' });
  });
});

describe('isPersistent()', () => {
  it('depends on the version where nothing is said', () => {
    const options = (persistence: ConnectionOptions['persistence']): ConnectionOptions => ({
      persistence,
      strip: [],
    });
    assert.deepEqual(
      (['unsaid', 'close', 'keep-alive'] as const).flatMap((said) => [
        isPersistent(0, options(said)),
        isPersistent(1, options(said)),
      ]),
      [false, true, false, false, true, true],
    );
  });
});
