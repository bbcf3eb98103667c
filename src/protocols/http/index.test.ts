import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept, drop, reject } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { httpProxy } from './index.ts';

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

  it('remembers its faults', () => {
    const proxy = httpProxy({ maxLineLength: 40_000, requestHeader: { Connection: drop() } });
    assert.deepEqual(
      faultsOf(proxy).map(({ path }) => path),
      ['requestHeader.Connection', 'maxLineLength'],
    );
  });
});
