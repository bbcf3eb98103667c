import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import { httpProxy } from '../protocols/http/index.ts';
import { sideStackChainer } from './chainer-side-stack.ts';
import { listener } from './listener.ts';
import { staticNat } from './nat-addresses.ts';
import { directedRouter, inbandRouter } from './router.ts';
import type { Service, ServiceOptions } from './service.ts';
import { service } from './service.ts';
import { onlyStackedWarnings } from './warnings-only-stacked.ts';

const parentProxy = { host: 'proxy.example', port: 3128 };

/** What is told where a listener starts this service, or these. */
function told(...services: readonly Service[]): readonly string[] {
  const listeners = services.map((one, index) => listener(`127.0.0.1:${index + 1}`, one));
  return warningsOf(onlyStackedWarnings, { zones: [], listeners });
}

function stacking(child: Service): Service {
  return service('outer', { proxy: idleProxy({ stacks: [child] }), router: inbandRouter() });
}

function inner(options: Partial<ServiceOptions>): Service {
  return service('inner', { proxy: idleProxy(), ...options });
}

describe('onlyStackedWarnings()', () => {
  it('tells of options about server connections that are never made', () => {
    const snat = staticNat({ address: '192.0.2.1:0' });
    const [warning = '', ...more] = told(stacking(inner({ snat, sendProxyProtocol: 2 })));
    assert.match(
      warning,
      /^service\.only-stacked service "inner" is only ever stacked: .* and its snat, sendProxyProtocol do nothing/,
    );
    assert.deepEqual(more, []);
    assert.match(told(stacking(inner({ serverTos: 0 })))[0] ?? '', /its serverTos does nothing/);
  });

  it('has nothing against them where a listener starts the service, too', () => {
    const proxy = httpProxy({ parentProxy });
    const child = inner({ sendProxyProtocol: 1, proxy, router: inbandRouter() });
    assert.deepEqual(told(stacking(child), child), []);
    assert.deepEqual(told(stacking(inner({}))), []);
  });

  it('tells of a further proxy that a stacked one cannot reach, or one beside', () => {
    const [stacked = ''] = told(stacking(inner({ proxy: httpProxy({ parentProxy }) })));
    assert.match(stacked, /"inner" is only ever stacked: it has .* refuses what its parentProxy/);
    const chainer = sideStackChainer({ proxy: httpProxy({ parentProxy }) });
    const [beside = ''] = told(inner({ chainer }));
    assert.match(beside, /^service\.only-stacked the proxy beside service "inner" has the server/);
  });

  it('tells of a further proxy that the router leads past', () => {
    const proxy = httpProxy({ parentProxy });
    const router = directedRouter({ destination: '192.0.2.1:3128' });
    const [past = '', ...more] = told(service('web', { proxy, router }));
    assert.match(
      past,
      /^service\.parent-not-inband service "web" has a parentProxy, and its router/,
    );
    assert.deepEqual(more, []);
    const open = directedRouter({ destination: '192.0.2.1:3128', overrideable: true });
    for (const good of [open, inbandRouter()])
      assert.deepEqual(told(service('web', { proxy, router: good })), []);
  });

  it('does not know what a function will say', () => {
    const byFunction = httpProxy({ parentProxy: () => undefined });
    assert.deepEqual(told(stacking(inner({ proxy: byFunction }))), []);
  });
});
