import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, GET } from '../../../../test/support/http-dialogue.ts';
import { connected, received, send } from '../../../../test/support/playbook.ts';
import { SocketAddress } from '../../../address/socket-address.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import { accept, drop } from '../../../proxy/policy-action.ts';
import type { HttpOptions } from '../http-options.ts';
import type { HttpRequest } from '../rules/http-request.ts';
import type { ForwardedOption } from './forwarded.ts';
import { forwardedSchema, withDefaults } from './forwarded.ts';

const HEAD = 'GET /a HTTP/1.1\r\nHost: web.example\r\n';
const OWN = 'Forwarded: for=10.1.2.3;host=web.example;proto=http\r\n';
const CLAIMS = 'Forwarded: for=1.1.1.1\r\nX-Forwarded-For: 1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n';

/** What the server gets of a request with these fields. */
function check(
  options: HttpOptions,
  given: string,
  expected: string,
  client = '10.1.2.3:40000',
): void {
  begun(options, { clientAddress: SocketAddress.parse(client) })
    .given(received('client', `${HEAD}${given}\r\n`))
    .when(connected())
    .expect(send('server', `${HEAD}${expected}\r\n`));
}

describe('forwardedSchema', () => {
  it('says how to write it', () => {
    assert.ok(forwardedSchema.safeParse({ write: 'both', received: 'keep' }).success);
    assert.equal(
      forwardedSchema.safeParse('replace').error?.issues[0]?.message,
      "give 'keep', 'drop' or { write: 'x-forwarded' }",
    );
  });
});

describe('what a server is told of the client', () => {
  it('is nothing that the client claims, by default', () => {
    check({}, CLAIMS, '');
    check({}, 'X_Forwarded_For: 1.1.1.1\r\nx-forwarded_for: 1.1.1.1\r\nX-Real_IP: 1.1.1.1\r\n', '');
    check({ forwarded: { write: 'forwarded' } }, 'X_Forwarded_Proto: https\r\n', OWN);
    check({}, 'X-Forwarded-Host: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n', '');
  });

  it('is what it claims, where the policy believes it', () => {
    check({ forwarded: 'keep' }, CLAIMS, CLAIMS);
    check({ requestHeader: { 'x-real-ip': accept() } }, CLAIMS, 'X-Real-IP: 1.1.1.1\r\n');
  });

  it('is what we have seen', () => {
    const x =
      'X-Forwarded-For: 10.1.2.3\r\nX-Forwarded-Host: web.example\r\nX-Forwarded-Proto: http\r\n';
    const standard = 'Forwarded: for=10.1.2.3;host=web.example;proto=http\r\n';
    check({ forwarded: { write: 'x-forwarded' } }, CLAIMS, x);
    check({ forwarded: { write: 'forwarded' } }, CLAIMS, standard);
    check({ forwarded: { write: 'both' } }, '', standard + x);
  });

  it('follows what proxies before us have seen', () => {
    const keep = (write: 'both' | 'forwarded'): ForwardedOption => ({ write, received: 'keep' });
    const own = 'Forwarded: for=10.1.2.3;host=web.example;proto=http\r\n';
    check({ forwarded: keep('forwarded') }, CLAIMS, CLAIMS + own);
    check({ forwarded: keep('both') }, '', `${own}X-Forwarded-For: 10.1.2.3\r\n`);
  });

  it('is quoted where it must be', () => {
    const option: HttpOptions = { forwarded: { write: 'forwarded' } };
    const quoted = 'Forwarded: for="[2001:db8::1]";host=web.example;proto=http\r\n';
    check(option, '', quoted, '[2001:db8::1]:40000');
    check(
      option,
      '',
      'Forwarded: for=192.0.2.1;host=web.example;proto=http\r\n',
      '[::ffff:192.0.2.1]:1',
    );
    const at = (host: string): string => GET.replace('web.example', host);
    begun({ ...option, targetPorts: '8080' })
      .given(received('client', at('web.example:8080')))
      .when(connected())
      .expect(
        send(
          'server',
          at('web.example:8080').replace(
            '\r\n\r\n',
            '\r\nForwarded: for=10.1.2.3;host="web.example:8080";proto=http\r\n\r\n',
          ),
        ),
      );
  });
});

describe('withDefaults()', () => {
  it('leaves the rules of the policy alone, in whatever case', () => {
    const own = { 'x-forwarded-for': accept(), '*': drop() };
    const rules = withDefaults(own, { 'X-Forwarded-For': drop(), Via: drop() });
    assert.deepEqual(rules, { ...own, Via: drop() });
  });
});

describe('what a function of the policy tells a server', () => {
  it('passes, though what the client claims does not', () => {
    const request = {
      GET: ({ headers }: HttpRequest, { clientAddress }: ProxySession) => {
        headers.set('X-Real-IP', clientAddress.address.toString());
        return accept();
      },
    };
    check({ request }, CLAIMS, 'X-Real-IP: 10.1.2.3\r\n');
  });
});
