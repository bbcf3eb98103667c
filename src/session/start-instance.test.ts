// Starting a service: its limit, its route and its session.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionHandler } from '../../test/support/session-world.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { directedRouter } from '../policy/router.ts';
import type { ProxySession } from '../proxy/proxy-session.ts';

describe('startInstance()', () => {
  it('gives the proxy a session with its route', () => {
    const sessions: ProxySession[] = [];
    const handle: SessionHandler = (_event, { session }) => {
      sessions.push(session);
      return [];
    };
    const router = directedRouter({
      destination: ['198.51.100.1:80', '198.51.100.2:80'],
      overrideable: true,
      forgeAddress: true,
    });
    const web = serviceOf('web', { proxy: proxyOf(handle, { name: 'http' }), router });
    const world = new SessionWorld(revisionOf(web));
    world.accept();
    const session = sessions[0] ?? assert.fail('not started');
    assert.equal(session.sessionId, 'svc/zorp/web:0/zorp/http');
    assert.deepEqual(session.targetAddress.map(String), ['198.51.100.1:80', '198.51.100.2:80']);
    assert.equal(session.targetAddressInband, true);
    assert.equal(String(session.targetLocal), '10.1.2.3:0');
    assert.equal(session.clientZone?.name, 'intranet');
    assert.equal(session.zoneOf(session.clientAddress.address)?.name, 'intranet');
    assert.equal(session.isStacked, false);
  });

  it('resets a client beyond the limit before a proxy is made', () => {
    let made = 0;
    const proxy = {
      ...proxyOf(() => []),
      create: () => {
        made++;
        return { handle: () => [] };
      },
    };
    const world = new SessionWorld(
      revisionOf(serviceOf('web', { proxy, limits: { maxInstances: 1 } })),
    );
    world.accept();
    assert.deepEqual(world.accept().calls, ['reset']);
    assert.equal(made, 1);
    assert.equal(world.log.records.length, 1);
    assert.equal(world.runtime.sessions.size, 1);
  });
});
