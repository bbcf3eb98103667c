// A world in which a listener takes PROXY headers from 10.9.9.0/24, and its service says back what its client says.
import { SocketAddress } from '../../src/address/socket-address.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { listener } from '../../src/policy/listener.ts';
import type { ProxyProtocolOptions } from '../../src/policy/proxy-protocol.ts';
import type { Service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import { proxyOf, serviceOf, SessionWorld } from './session-world.ts';

/** A load balancer. */
export const BALANCER = SocketAddress.parse('10.9.9.9:50000');
/** A client. */
export const CLIENT = SocketAddress.parse('10.1.2.3:40000');
/** Where the client connected to. */
export const SERVER = SocketAddress.parse('203.0.113.80:80');
/** What a header says of the two. */
export const ENDS = { client: CLIENT, local: SERVER };

/** Says back what its client says, with the addresses of the session before it. */
export const echo = serviceOf('web', {
  proxy: proxyOf((event, { session }) => {
    if (event.type === 'started') {
      const text = `${String(session.clientAddress)} ${String(session.clientLocal)}|`;
      return [{ type: 'send', to: 'client', bytes: Buffer.from(text) }];
    }
    if (event.type === 'received')
      return [{ type: 'send', to: 'client', bytes: Buffer.from(event.bytes) }];
    if (event.type === 'ended') return [{ type: 'close', verdict: 'accepted', reason: 'done' }];
    return [];
  }),
});

/** The world; by default everybody else is refused. */
export function headerWorld(
  options: Partial<ProxyProtocolOptions> = {},
  started: Service = echo,
): SessionWorld {
  const balancers = zone('balancers', { subnets: ['10.9.9.0/24'] });
  const zones = [
    balancers,
    zone('intranet', { subnets: ['10.1.0.0/16'], outboundServices: [started] }),
    zone('internet', { subnets: ['198.51.100.0/24'], inboundServices: [started] }),
  ];
  const proxyProtocol = { from: balancers, ...options };
  const listeners = [listener('192.0.2.254:8080', started, { name: 'door', proxyProtocol })];
  return new SessionWorld({ policy: definePolicy({ zones, listeners }), revision: 'f00d' });
}
