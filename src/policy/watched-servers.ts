// The servers that a policy wants checked: those of services with an availability chainer.

import type { SocketAddress } from '../address/socket-address.ts';
import type { AvailabilityChainer } from './chainer.ts';
import { finalChainer } from './chainer.ts';
import type { PolicyFaults } from './policy-faults.ts';
import type { AnyService, Service } from './service.ts';

/** One server of one service that is to be checked. */
export interface WatchedServer {
  readonly service: string;
  readonly chainer: AvailabilityChainer;
  /** The server as the router names it. */
  readonly target: SocketAddress;
  /** The server as connections reach it, after `dnat`. */
  readonly server: SocketAddress;
  /** As for the connections of the service. */
  readonly mark?: number | undefined;
  readonly tos?: number | undefined;
}

/** All servers that the services of a policy want checked. */
export function watchedServers(services: readonly AnyService[]): readonly WatchedServer[] {
  return services.flatMap((service) => {
    if (service.kind !== 'service') return [];
    const { router, name } = service;
    const chainer = finalChainer(service.chainer);
    if (chainer.type !== 'availability') return [];
    return router.destinations.flatMap((target): WatchedServer[] => {
      const server = serverOf(service, target);
      const packets = { mark: service.serverMark, tos: service.serverTos };
      return server === undefined ? [] : [{ service: name, chainer, target, server, ...packets }];
    });
  });
}

/** Collects why the servers of a service cannot be checked although its chainer wants them to be. */
export function checkWatched(service: Service, faults: PolicyFaults): void {
  const { router, dnat } = service;
  if (finalChainer(service.chainer).type !== 'availability') return;
  const add = (path: string, value: string, cure: string): void => {
    faults.add(service, { path, value, cure });
  };
  if (router.type !== 'directed')
    add(
      'router',
      router.type,
      'give a directedRouter(): availabilityChainer() must know its servers',
    );
  else if (dnat?.isByTargetAlone === false)
    add(
      'dnat',
      dnat.explain(),
      'give one that does not depend on the client or on chance: availabilityChainer() checks servers before there is a client',
    );
  else
    for (const [index, target] of router.destinations.entries())
      if (serverOf(service, target)?.port === 0)
        add(
          `router.destination[${String(index)}]`,
          String(target),
          'give its port: availabilityChainer() checks servers before there is a client',
        );
}

/** Undefined where `dnat` refuses, as it will refuse each connection there. */
function serverOf({ dnat }: Service, target: SocketAddress): SocketAddress | undefined {
  if (dnat === undefined) return target;
  const result = dnat.translate({ source: undefined, destination: target }, 'dnat', 0);
  if (result.outcome === 'translated') return result.address;
  return result.outcome === 'unmapped' ? target : undefined;
}
