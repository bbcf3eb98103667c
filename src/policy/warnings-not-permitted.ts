// Services that listeners start, and that no list of a zone permits to any client, or to reach any server.

import type { Subnet } from '../address/subnet.ts';
import type { Direction } from './access.ts';
import { isListedIn } from './access.ts';
import type { Listener } from './make-listener.ts';
import { LOOPBACKS } from './own-address.ts';
import { servicesOf } from './policy-rules.ts';
import type { Policy } from './policy.ts';
import type { Service } from './service.ts';
import type { Warning } from './warning.ts';
import { called, warn } from './warning.ts';
import type { Zone } from './zone.ts';
import { isWithin } from './zone.ts';

/** The warnings about services that refuse all their clients, or all their servers. */
export function notPermittedWarnings(policy: Policy): readonly Warning[] {
  const ruled = new Set(servicesOf(policy.rules));
  const listeners = [...policy.instances.values()].flat().filter(({ type }) => type !== 'rule');
  return policy.services.flatMap((service) => {
    if (service.kind !== 'service' || ruled.has(service)) return []; // a rule permits what it starts where no list does
    const starting = listeners.filter(({ choices }) =>
      choices.some((line) => line.service === service),
    );
    if (starting.length === 0) return [];
    return [...noClients(policy, service, starting), ...noServers(policy, service)];
  });
}

/** The zones in question, and what they have in common, where these are not all zones. */
interface Candidates {
  readonly zones: readonly Zone[];
  readonly which: string;
}

function noClients(
  policy: Policy,
  service: Service,
  starting: readonly Listener[],
): readonly Warning[] {
  const where = whereLeftOut(policy, 'outbound', service, clientZones(policy, starting));
  if (where === undefined) return [];
  return [
    warn('service.no-clients', service, {
      message: `${called(service)} refuses all clients: ${where} has it in its outboundServices`,
      cure: 'add it to the outboundServices of the zone that its clients are in',
    }),
  ];
}

function noServers(policy: Policy, service: Service): readonly Warning[] {
  if (service.proxy.mayAnswerAlone === true) return [];
  const where = whereLeftOut(policy, 'inbound', service, serverZones(policy, service));
  if (where === undefined) return [];
  return [
    warn('service.no-servers', service, {
      message: `${called(service)} reaches no server: ${where} has it in its inboundServices`,
      cure: 'add it to the inboundServices of the zone that its servers are in',
    }),
  ];
}

/** Undefined where one of the zones permits the service. */
function whereLeftOut(
  policy: Policy,
  direction: Direction,
  service: Service,
  { zones, which }: Candidates,
): string | undefined {
  const permits = (zone: Zone): boolean =>
    hasAddresses(zone) && isListedIn(policy, { direction, zone }, service) === true;
  if (zones.some(permits)) return undefined;
  return policy.zones.some(permits) ? which : 'no zone';
}

function hasAddresses({ subnets, hostnames }: Zone): boolean {
  return subnets.length + hostnames.length > 0;
}

/** Only this machine reaches what listens on its loopback addresses, and does so from one of them. */
function clientZones(policy: Policy, starting: readonly Listener[]): Candidates {
  if (!starting.every(isForThisMachine)) return { zones: policy.zones, which: 'no zone' };
  const binds = starting.flatMap((listener) => listener.binds);
  const ranges = LOOPBACKS.filter((range) => binds.some(({ address }) => range.contains(address)));
  const zones = [...hostZones(policy), ...ranges.flatMap((range) => zonesIn(policy, range))];
  return { zones, which: 'its listeners are on loopback addresses, and no zone of these' };
}

function isForThisMachine({ binds, follows, transparent, proxyProtocol }: Listener): boolean {
  if (transparent || proxyProtocol !== undefined || follows.length > 0) return false;
  return binds.every(({ address }) => LOOPBACKS.some((range) => range.contains(address)));
}

/** The zones that addresses of a range may be in, those of host names aside. */
function zonesIn({ zoneTree }: Policy, range: Subnet): readonly Zone[] {
  const within = zoneTree.entries.filter(({ subnet }) => range.contains(subnet));
  const around = zoneTree.matches(range.network).find(({ subnet }) => subnet.contains(range));
  return [...within, ...(around === undefined ? [] : [around])].map(({ value }) => value);
}

/** Host names may have any address. */
function hostZones({ zones }: Policy): readonly Zone[] {
  return zones.filter(({ hostnames }) => hostnames.length > 0);
}

function serverZones(policy: Policy, service: Service): Candidates {
  const { router, dnat } = service;
  const limit = policy.targetZones.get(service);
  const within = (zones: readonly Zone[]): readonly Zone[] =>
    limit === undefined
      ? zones
      : zones.filter((zone) => [...limit].some((other) => isWithin(zone, other)));
  const isFixed = router.type === 'directed' && !router.isOverrideable && dnat === undefined;
  if (!isFixed) return { zones: within(policy.zones), which: 'no zone to which it is limited' };
  const found = router.destinations.flatMap(({ address }) => policy.zoneTree.lookup(address) ?? []);
  return {
    zones: within([...hostZones(policy), ...found]),
    which: 'no zone of what its router leads to',
  };
}
