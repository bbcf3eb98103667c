// What is only ever stacked has the server connection of its parent: what it says of one of its own is for nothing. So is a
// parentProxy that the router leads past.

import { proxiesBeside } from './chainer.ts';
import type { Policy } from './policy.ts';
import type { Service } from './service.ts';
import type { Warning } from './warning.ts';
import { called, warn } from './warning.ts';
import { startedDirectly } from './warnings-unused.ts';

/** The options that are about server connections, and which nothing else is asked for. */
const SERVER_OPTIONS = [
  'snat',
  'dnat',
  'destinationGuard',
  'serverMark',
  'serverTos',
  'sendProxyProtocol',
] as const satisfies readonly (keyof Service)[];

/** The warnings about services and proxies that never make a server connection, and say something of theirs. */
export function onlyStackedWarnings(policy: Policy): readonly Warning[] {
  const started = startedDirectly(policy);
  const services = policy.services.filter((service) => service.kind === 'service');
  const beside = services.filter(({ chainer }) =>
    proxiesBeside(chainer).some(({ hasParent }) => hasParent === true),
  );
  const stacked = services.filter((service) => !started.has(service));
  return [
    ...beside.map((service) => parentForNothing(service, `the proxy beside ${called(service)}`)),
    ...stacked
      .filter(({ proxy }) => proxy.hasParent === true)
      .map((service) => parentForNothing(service, `${called(service)} is only ever stacked: it`)),
    ...stacked.flatMap(optionsForNothing),
    ...services
      .filter((service) => started.has(service) && service.proxy.hasParent === true)
      .filter(({ router }) => !router.isOverrideable)
      .map(parentOutOfReach),
  ];
}

function parentForNothing(service: Service, who: string): Warning {
  return warn('service.only-stacked', service, {
    message: `${who} has the server connection of its parent, and refuses what its parentProxy is for`,
    cure: 'give parentProxy to the proxy that a listener or rule starts',
  });
}

function parentOutOfReach(service: Service): Warning {
  return warn('service.parent-not-inband', service, {
    message: `${called(service)} has a parentProxy, and its router lets the protocol choose no server: what is for the parent is refused`,
    cure: 'give the service an inbandRouter(), or the router overrideable: true',
  });
}

function optionsForNothing(service: Service): readonly Warning[] {
  const options = SERVER_OPTIONS.filter((option) => service[option] !== undefined);
  if (options.length === 0) return [];
  const doNothing = options.length === 1 ? 'does nothing' : 'do nothing';
  return [
    warn('service.only-stacked', service, {
      message: `${called(service)} is only ever stacked: it has the server connection of its parent, and its ${options.join(', ')} ${doNothing}`,
      cure: 'give what is to count to the service that a listener or rule starts, and leave it out here',
    }),
  ];
}
