import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept, drop, reject } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import type { Answer } from './index.ts';
import { httpProxy, redirect } from './index.ts';

describe('httpProxy, as an object of a policy', () => {
  it('explains itself', () => {
    const proxy = httpProxy({
      request: { GET: accept(), POST: () => reject() },
      responseHeader: { Server: drop() },
    });
    assert.equal(
      proxy.explain(),
      'HTTP, transparent: GET accept, POST by a function; rules for the headers Server',
    );
    assert.equal(proxy.tellsRefusals, true);
    assert.deepEqual(proxy.stacks, []);
  });

  it('wants TLS with servers where clients ask for https URLs', () => {
    const secure = { mode: 'explicit', defaultPort: 443 } as const;
    assert.equal(httpProxy(secure).needsServerTls, true);
    const parentProxy = { host: 'proxy.example' };
    for (const options of [
      { ...secure, parentProxy },
      { ...secure, permitProxyRequests: false },
      { mode: 'explicit' } as const,
      { defaultPort: 443 },
    ])
      assert.equal(httpProxy(options).needsServerTls, false);
  });

  it('takes clients for such without TLS until it is told of port 443, where they know of no proxy', () => {
    for (const options of [{}, { defaultPort: 8443 }])
      assert.equal(httpProxy(options).expectsPlainClients, true);
    for (const options of [{ defaultPort: 443 }, { mode: 'explicit' } as const])
      assert.equal(httpProxy(options).expectsPlainClients, false);
  });

  it('knows whether clients may ask for http URLs', () => {
    const mode = 'explicit' as const;
    assert.equal(httpProxy({ mode }).expectsPlainServers, true);
    for (const options of [
      {},
      { mode, permitProxyRequests: false },
      { mode, defaultPort: 443 },
      { mode, targetPorts: 443 },
      { mode, parentProxy: { host: 'proxy.example' } },
      { mode, parentProxy: () => undefined },
      { mode, request: { GET: () => accept() } },
      { mode, request: { '*': reject() } },
    ])
      assert.equal(httpProxy(options).expectsPlainServers, false);
  });

  it('may need no server where the policy answers everything', () => {
    const further = (): Answer => redirect('https://www.example/');
    for (const request of [{ '*': redirect('/') }, { GET: further }, { '*': reject() }])
      assert.equal(httpProxy({ request }).mayAnswerAlone, true);
    for (const options of [{}, { request: { GET: accept(), POST: further } }])
      assert.equal(httpProxy(options).mayAnswerAlone, false);
  });

  it('remembers its faults', () => {
    const proxy = httpProxy({ maxLineLength: 40_000, requestHeader: { Connection: drop() } });
    assert.deepEqual(
      faultsOf(proxy).map(({ path }) => path),
      ['requestHeader.Connection', 'maxLineLength'],
    );
  });
});
