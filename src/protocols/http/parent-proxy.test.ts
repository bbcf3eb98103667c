// Which proxy a request goes to, as the settings or a function say; the dialogues are in parent-proxy-dialogue.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlyFault, wrong } from '../../../test/support/policy-samples.ts';
import { testSession } from '../../../test/support/test-session.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { httpProxy } from './index.ts';
import { authorizationOf, parentConnect, parentPlan, parentProxySchema } from './parent-proxy.ts';

describe('the settings of parentProxy', () => {
  const faults: [parentProxy: unknown, path: string, cure: RegExp][] = [
    ['proxy.example', 'parentProxy', /as an object/],
    [{}, 'parentProxy.host', /name or address/],
    [{ host: 'proxy.example:3128' }, 'parentProxy.host', /name or address/],
    [{ host: 'a b' }, 'parentProxy.host', /name or address/],
    [{ host: 'proxy.example', port: 0 }, 'parentProxy.port', /1 to 65535/],
    [
      { host: 'proxy.example', credentials: { user: 'a:b', password: '' } },
      'parentProxy.credentials.user',
      /without colon/,
    ],
    [
      { host: 'proxy.example', credentials: { user: '', password: '' } },
      'parentProxy.credentials.user',
      /without colon/,
    ],
    [
      { host: 'proxy.example', credentials: { user: 'a', password: '\n' } },
      'parentProxy.credentials.password',
      /control/,
    ],
    [{ host: 'proxy.example', except: /a/ }, 'parentProxy.except', /regexpMatcher/],
    [
      { host: 'proxy.example', tls: true },
      'parentProxy.tls',
      /encryption", an option of service\(\)/,
    ],
  ];
  for (const [parentProxy, path, cure] of faults)
    it(`have a fault: ${JSON.stringify(parentProxy)}`, () => {
      const fault = onlyFault(httpProxy(wrong({ parentProxy })), 'httpProxy(');
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });

  it('are told in English', () => {
    const fixed = httpProxy({
      parentProxy: { host: '2001:db8::8', except: (host) => host === 'a' },
    });
    assert.deepEqual(faultsOf(fixed), []);
    assert.match(
      fixed.explain(),
      /; through the proxy \[2001:db8::8\]:3128, unless the host satisfies except\(\)/,
    );
    assert.match(
      httpProxy({ parentProxy: () => undefined }).explain(),
      /; through proxies that a function chooses/,
    );
  });
});

it('CONNECT to a parent proxy has its target twice, and the credentials', () => {
  const checked = parentProxySchema.parse({
    host: 'PROXY.example',
    port: 8080,
    credentials: { user: 'Zoë', password: 'p:w' },
  });
  const plan = parentPlan(checked);
  const asked = { request: { url: { host: 'www.example' } }, policyRequest: () => assert.fail() };
  const parent = plan.choose(asked, testSession());
  assert.ok(parent !== undefined);
  assert.deepEqual(parent.target, { host: 'proxy.example', port: 8080 });
  const pair = Buffer.from('Zoë:p:w').toString('base64');
  assert.equal(parent.authorization, `Proxy-Authorization: Basic ${pair}\r\n`);
  assert.equal(
    Buffer.from(
      parentConnect({ host: '2001:db8::1', port: 443 }, authorizationOf(parent, undefined)),
    ).toString(),
    `CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nProxy-Authorization: Basic ${pair}\r\n\r\n`,
  );
  const user = 'Proxy-Authorization: Basic YTpi\r\n';
  assert.equal(authorizationOf(parent, user), user);
  assert.equal(authorizationOf(parent, 'Authorization: Basic YTpi\r\n'), parent.authorization);
});
