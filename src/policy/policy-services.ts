// What definePolicy checks of services: all that can be started, stacked, or are named by a zone.

import { showValue } from '../proxy/policy-fault.ts';
import { isKind } from './fields.ts';
import type { Listener } from './listener.ts';
import type { ZoneListsByZone } from './policy-lists.ts';
import type { PolicyFaults } from './policy-faults.ts';
import { Claims } from './policy-faults.ts';
import type { AnyService } from './service.ts';

/** The services of a policy: those that listeners start first, then those that zones name, each with what it stacks. */
export function checkServices(
  listeners: readonly Listener[],
  lists: ZoneListsByZone,
  faults: PolicyFaults,
): readonly AnyService[] {
  const services = new Set<AnyService>();
  const names = new Claims<AnyService>(faults);
  const waiting = listeners.flatMap((listener) => listener.choices.map((line) => line.service));
  for (const { outbound, inbound } of lists.values())
    for (const member of [...(outbound ?? []), ...(inbound ?? [])])
      if (isService(member)) waiting.push(member);
  for (const service of waiting) {
    if (services.has(service)) continue;
    services.add(service);
    names.claim(service.name, service);
    waiting.push(...checkService(service, faults)); // the loop goes on with what is added to the list
  }
  return Object.freeze([...services]);
}

/** Collects the faults of a service and its parts. @returns the services that its proxy may stack. */
function checkService(service: AnyService, faults: PolicyFaults): readonly AnyService[] {
  faults.collect(service);
  if (service.kind === 'deny-service') return [];
  const { proxy, router, chainer, resolver, snat, dnat } = service;
  for (const part of [proxy, router, chainer, resolver, snat, dnat])
    if (part !== undefined) faults.collect(part);
  return service.proxy.stacks.flatMap((stacked: unknown) => {
    if (isService(stacked)) return [stacked];
    const cure = 'stack services made by service()';
    faults.add(service, { path: 'proxy.stacks', value: showValue(stacked), cure });
    return [];
  });
}

function isService(value: unknown): value is AnyService {
  return isKind(value, ['service', 'deny-service']);
}
