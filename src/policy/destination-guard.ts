// The destination guard: where the client chooses the server, it reaches ordinary addresses only, and special ones (of
// this machine, of private networks, of the metadata of a cloud) where a zone is for such addresses and for this service.

import type { IpAddress } from '../address/ip-address.ts';
import type { SpecialKind } from '../address/special-address.ts';
import { SpecialAddress, specialBlock } from '../address/special-address.ts';
import type { SubnetMatch } from '../address/subnet-tree.ts';
import type { Refusal } from '../proxy/engine.ts';
import { isListedIn } from './access.ts';
import { refusalFor } from './decision.ts';
import type { GuardOpening } from './guard-options.ts';
import type { Policy } from './policy.ts';
import type { Service } from './service.ts';
import type { Zone } from './zone.ts';
import { ancestry } from './zone.ts';

/** An address that a client chose, as the service would reach it. */
export interface ChosenAddress {
  readonly service: Service;
  readonly address: IpAddress;
  /** The zone of the address. */
  readonly match: SubnetMatch<Zone> | undefined;
}

/** What the guard says of an address, in the words of a trace; with a refusal where the service may not reach it. */
export interface GuardAnswer {
  readonly outcome: 'passed' | 'skipped' | 'refused';
  readonly because: string;
  readonly special?: SpecialAddress;
  readonly refusal?: Refusal;
}

const OFF: GuardAnswer = Object.freeze({ outcome: 'skipped', because: 'the service has it off' });
const ORDINARY: GuardAnswer = Object.freeze({
  outcome: 'passed',
  because: 'the address is an ordinary one',
});

/**
 * Asks the guard of a service for an address that a client chose. A special address passes if the subnet by which it is
 * in its zone has only such addresses, and the zone is opened to the service: by the guard, by the zones to which the
 * service is limited, or by the list of what may enter the zone.
 */
export function askGuard(policy: Policy, { service, address, match }: ChosenAddress): GuardAnswer {
  const opening = policy.guards.get(service);
  if (opening === 'off') return OFF;
  const block = specialBlock(address);
  // Addresses of documentation belong to nobody: test networks use them for the internet.
  if (block === undefined || block.kind === 'documentation') return ORDINARY;
  const special = new SpecialAddress(address, block);
  const refused = { outcome: 'refused', special, refusal: REFUSALS[block.kind] } as const;
  if (match === undefined || !block.subnet.contains(match.subnet))
    return { ...refused, because: 'no zone is for such addresses only' };
  if (isOpened(policy, match.value, service, opening))
    return { outcome: 'passed', because: 'its zone is open to the service', special };
  return { ...refused, because: 'nothing opens its zone to the service' };
}

function isOpened(
  policy: Policy,
  zone: Zone,
  service: Service,
  opening: Exclude<GuardOpening, 'off'> | undefined,
): boolean {
  const limit = policy.targetZones.get(service);
  return (
    ancestry(zone).some((one) => opening?.has(one) === true || limit?.has(one) === true) ||
    isListedIn(policy, { direction: 'inbound', zone }, service) === true
  );
}

const REFUSALS: Readonly<Record<Exclude<SpecialKind, 'documentation'>, Refusal>> = {
  'this-machine': refusalFor(
    'route.this-machine',
    'The server is this machine, and no zone opens its loopback addresses to the service',
  ),
  'link-local': refusalFor(
    'route.link-local',
    'The server has a link-local address, and no zone opens it to the service',
  ),
  metadata: refusalFor(
    'route.metadata',
    'The server gives out the metadata of a machine in a cloud, and no zone opens it to the service',
  ),
  private: refusalFor(
    'route.private',
    'The server has a private address, and no zone opens it to the service',
  ),
  multicast: refusalFor(
    'route.multicast',
    'The address of the server is that of many machines, and no zone opens it to the service',
  ),
  reserved: refusalFor(
    'route.reserved',
    'The server has an address that no host of the internet has, and no zone opens it to the service',
  ),
};

/** A name that has an ordinary address today and a special one with it is a way to get at the special one. */
export const MIXED_ANSWER = refusalFor(
  'route.mixed-answer',
  'The name of the server has an address, too, that the service may not reach',
);
