// The facts of a session for tests of proxies, all of them plausible and each replaceable.

import { SocketAddress } from '../../src/address/socket-address.ts';
import type { ProxyContext } from '../../src/proxy/engine.ts';
import type { Attribute, ProxySession } from '../../src/proxy/proxy-session.ts';

/** A session of a client 10.1.2.3 in zone intranet whose server is to be 192.0.2.80:80. */
export function testSession(overrides: Partial<ProxySession> = {}): ProxySession {
  const attributes = new Map<unknown, unknown>();
  const server = SocketAddress.parse('192.0.2.80:80');
  return {
    sessionId: 'svc/test/service:0/0/proxy',
    clientAddress: SocketAddress.parse('10.1.2.3:40000'),
    clientLocal: server,
    clientZone: { name: 'intranet' },
    serverAddress: undefined,
    serverLocal: undefined,
    serverZone: undefined,
    targetAddress: [server],
    targetAddressInband: false,
    isStacked: false,
    targetLocal: undefined,
    get: <Value>(key: Attribute<Value>) =>
      // An attribute is the key of what was set under it, and carries its type.
      attributes.get(key) as Value | undefined,
    set: <Value>(key: Attribute<Value>, value: Value) => {
      attributes.set(key, value);
    },
    zoneOf: () => undefined,
    ...overrides,
  };
}

/** What an engine is made for, with a session of `testSession`. */
export function testContext(overrides: Partial<ProxySession> = {}): ProxyContext {
  return { session: testSession(overrides) };
}
