// Services that lead back to a listener: to the one that starts them, where that is the original destination, or to
// one at the server that their router names.

import type { SocketAddress } from '../address/socket-address.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { Listener } from './make-listener.ts';
import { listensOn, takesProtocol } from './own-address.ts';
import { servicesOf } from './policy-rules.ts';
import type { Policy } from './policy.ts';
import type { AnyService } from './service.ts';
import type { Warning } from './warning.ts';
import { called, placed, warn } from './warning.ts';

/** The warnings about connections that would go round in circles, and are refused as `route.loop`. */
export function loopWarnings({ instances, listenedPorts, rules }: Policy): readonly Warning[] {
  const ruled = servicesOf(rules);
  const found = new Map<AnyService, Warning>();
  const all = [...instances].flatMap(([instance, listeners]) => {
    const own = { listeners, ports: listenedPorts.get(instance) ?? NO_PORTS };
    return listeners.map((listener) => ({ listener, own }));
  });
  for (const { listener, own } of all)
    for (const service of startedBy(listener, ruled)) {
      const warning = found.has(service) ? undefined : loopOf(service, listener, own);
      if (warning !== undefined) found.set(service, warning);
    }
  return [...found.values()];
}

function startedBy(
  { type, choices }: Listener,
  ruled: readonly AnyService[],
): readonly AnyService[] {
  return type === 'rule' ? ruled : choices.map(({ service }) => service);
}

/** The listeners of an instance, and the ports of all of them. */
interface Listening {
  readonly listeners: readonly Listener[];
  readonly ports: ReadonlySet<number>;
}

const NO_PORTS: ReadonlySet<number> = new Set();

/** The loop of a service that a listener starts. */
function loopOf(
  service: AnyService,
  listener: Listener,
  { listeners, ports }: Listening,
): Warning | undefined {
  if (leadsBack(service, listener)) return leadingBack(service, listener);
  for (const server of fixedServers(service, listener)) {
    if (!ports.has(server.port)) continue; // nearly all
    const there = listeners.find((other) => isAt(other, server, listener));
    if (there !== undefined) return leadingTo(service, server, there);
  }
  return undefined;
}

/** Whether nothing can lead it elsewhere than to the original destination, and that is the listener. */
function leadsBack(service: AnyService, { transparent, proxyProtocol }: Listener): boolean {
  if (transparent || proxyProtocol !== undefined) return false; // it knows where others are meant for
  if (service.kind !== 'service') return false;
  const { router, dnat } = service;
  const isPlain = router.forcedPort === undefined && !router.isOverrideable;
  return router.type === 'transparent' && isPlain && dnat === undefined;
}

/** The servers to which whatever comes to a listener must go, whoever the client is. */
function fixedServers(service: AnyService, { binds }: Listener): readonly SocketAddress[] {
  if (service.kind !== 'service') return [];
  const { router, dnat } = service;
  if (router.type !== 'directed' || router.isOverrideable || dnat !== undefined) return [];
  return router.destinations.flatMap((server) =>
    server.port === 0 ? binds.map(({ port }) => server.withPort(port)) : [server],
  );
}

/** Whether a listener is at a server, and takes what comes to another one. */
function isAt(listener: Listener, server: SocketAddress, { protocol }: Listener): boolean {
  return (
    takesProtocol(listener, PROTOCOL_NUMBERS[protocol]) && listensOn(listener, server, undefined)
  );
}

function leadingBack(service: AnyService, listener: Listener): Warning {
  return warn('listener.leads-back', service, {
    message: `${called(service)} leads back to ${placed(listener, called(listener))}: that takes what is meant for itself, and the router goes where that was meant for`,
    cure: 'make the listener transparent, or give the service a directedRouter(), an inbandRouter(), a forcedPort or a dnat',
  });
}

function leadingTo(service: AnyService, server: SocketAddress, listener: Listener): Warning {
  return warn('listener.leads-back', service, {
    message: `${called(service)} leads to ${String(server)}, where ${placed(listener, called(listener))} is: what goes there would come back, and is refused`,
    cure: 'name the address and port of the server itself in directedRouter()',
  });
}
