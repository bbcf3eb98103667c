// The facts of a session for tests of proxies, all of them plausible and each replaceable.

import { SocketAddress } from '../../src/address/socket-address.ts';
import type { ProxyContext } from '../../src/proxy/engine.ts';
import { playedSession } from '../../src/proxy/played-session.ts';
import type { ProxySession } from '../../src/proxy/proxy-session.ts';

/** A session of a client 10.1.2.3 in zone intranet whose server is to be 192.0.2.80:80. */
export function testSession(overrides: Partial<ProxySession> = {}): ProxySession {
  return playedSession({
    sessionId: 'svc/test/service:0/0/proxy',
    clientAddress: SocketAddress.parse('10.1.2.3:40000'),
    clientZone: { name: 'intranet' },
    ...overrides,
  });
}

/** What an engine is made for, with a session of `testSession`. */
export function testContext(overrides: Partial<ProxySession> = {}): ProxyContext {
  return { session: testSession(overrides) };
}
