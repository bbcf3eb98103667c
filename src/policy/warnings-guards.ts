// Destination guards that are off, and zones that they cannot open.

import { specialBlock } from '../address/special-address.ts';
import type { Policy } from './policy.ts';
import type { Service } from './service.ts';
import type { Warning } from './warning.ts';
import { called, warn } from './warning.ts';
import type { Zone } from './zone.ts';
import { isWithin } from './zone.ts';

/** The warnings about destination guards. */
export function guardWarnings(policy: Policy): readonly Warning[] {
  return [...policy.guards].flatMap(([service, opening]): readonly Warning[] => {
    if (!letsClientsChoose(service)) return [uselessGuard(service)];
    if (opening === 'off') return [guardOff(service)];
    return [...opening]
      .filter((zone) => !hasSpecialAddresses(policy, zone))
      .map((zone) => openedForNothing(service, zone));
  });
}

/** Where the guard is asked: the protocol may name the server, or NAT takes it out of the address of the client. */
function letsClientsChoose({ router, dnat }: Service): boolean {
  return router.isOverrideable || (router.type === 'transparent' && dnat?.type === 'nat64');
}

function uselessGuard(service: Service): Warning {
  return warn('guard.no-effect', service, {
    message: `${called(service)} has a destinationGuard, but its router lets no client choose the server`,
    cure: 'leave destinationGuard out',
  });
}

function guardOff(service: Service): Warning {
  return warn('guard.off', service, {
    message: `${called(service)} has its destination guard off: clients reach whatever this machine reaches in the zones of the service, by any address`,
    cure: 'name the zones that it may open: destinationGuard: { permit: [zone] }',
  });
}

function openedForNothing(service: Service, zone: Zone): Warning {
  return warn('guard.no-effect', service, {
    message: `${called(service)} opens ${called(zone)} in its destinationGuard, which has no subnet of special addresses only: nothing is opened`,
    cure: 'name a zone with a subnet such as 10.0.0.0/8, or leave it out: other addresses are open anyway',
  });
}

/** Whether the zone, or one below it, has a subnet of special addresses only, or addresses of host names. */
function hasSpecialAddresses({ zones }: Policy, opened: Zone): boolean {
  return zones
    .filter((zone) => isWithin(zone, opened))
    .some(
      ({ subnets, hostnames }) =>
        hostnames.length > 0 ||
        subnets.some((subnet) => specialBlock(subnet.network)?.subnet.contains(subnet) === true),
    );
}
