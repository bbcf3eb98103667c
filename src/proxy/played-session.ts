// The facts of a session that is played: made up, plausible, and each replaceable.

import { SocketAddress } from '../address/socket-address.ts';
import type { Attribute, ProxySession } from './proxy-session.ts';

/** A session of a client 192.0.2.1 whose server is to be 192.0.2.80 (RFC 5737: addresses for documentation). */
export function playedSession(facts: Partial<ProxySession> = {}): ProxySession {
  const attributes = new Map<unknown, unknown>();
  const warnings = new Set<string>();
  const server = SocketAddress.parse('192.0.2.80:80');
  return {
    sessionId: 'svc/play/service:0/play/proxy',
    protocol: 'tcp',
    clientAddress: SocketAddress.parse('192.0.2.1:40000'),
    clientLocal: server,
    clientZone: { name: 'clients' },
    serverAddress: undefined,
    serverLocal: undefined,
    serverZone: undefined,
    targetAddress: [server],
    targetAddressInband: false,
    isStacked: false,
    targetLocal: undefined,
    tls: undefined,
    user: undefined,
    groups: [],
    get: <Value>(key: Attribute<Value>) => attributes.get(key) as Value | undefined, // set under its key
    set: <Value>(key: Attribute<Value>, value: Value) => {
      attributes.set(key, value);
    },
    warn: (code) => warnings.size !== warnings.add(code).size,
    zoneOf: () => undefined,
    ...facts,
  };
}
