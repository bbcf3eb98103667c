// The chains of the services of the packet filter: NAT at both ends, what is refused in between, and the count of what
// is forwarded.

import type { AddressFamily } from '../address/ip-address.ts';
import type { Subnet } from '../address/subnet.ts';
import type { Direction } from '../policy/access.ts';
import { checkAccess } from '../policy/access.ts';
import { PORT_PROTOCOLS } from '../policy/ip-protocol.ts';
import type { NatDirection } from '../policy/nat.ts';
import type { PfService } from '../policy/pf-service.ts';
import { addressField, subnetValue } from './entry-match.ts';
import type { FilterParts } from './filter-parts.ts';
import { FAMILIES, ofFamily } from './filter-parts.ts';
import { FLOW_BITS } from './flow-numbers.ts';
import type { NatLine, NatResult } from './nat-lines.ts';
import { natLines } from './nat-lines.ts';
import type { Hook, JsonObject } from './nft-json.ts';
import {
  ACCEPT,
  count,
  ct,
  DROP,
  goTo,
  goToBy,
  jump,
  match,
  matchOne,
  meta,
  RETURN,
} from './nft-json.ts';

/** Priorities of nft: `dstnat` is -100 and `srcnat` 100. What is refused behind DNAT is refused wherever it is routed. */
const HOOKS: readonly (Hook & { readonly name: string })[] = [
  { name: 'dstnat', type: 'nat', hook: 'prerouting', prio: -100 },
  { name: 'check', type: 'filter', hook: 'prerouting', prio: -90 },
  { name: 'forwarded', type: 'filter', hook: 'forward', prio: 0 },
  { name: 'srcnat', type: 'nat', hook: 'postrouting', prio: 100 },
];

const NAT_CHAINS = { dnat: 'dstnat', snat: 'srcnat' } as const;

/** The chain for what a rule gives to a service: the connection remembers it. @returns its name. */
export function addTakingChain({ commands, flows }: FilterParts, service: PfService): string {
  const chain = `take_${service.name}`;
  commands.addChain(chain);
  // What conntrack does not follow would go past NAT.
  const isUnfollowed = match(ct('state'), ['invalid', 'untracked'], 'in');
  commands.addRule(chain, [isUnfollowed, goTo(refusalChain(service))]);
  commands.addRule(chain, [flows.remember(service), ACCEPT]);
  return chain;
}

/** The chains with hooks for all services of the packet filter, and the chains of each behind them. */
export function addForwardChains(parts: FilterParts, services: readonly PfService[]): void {
  const { commands, flows } = parts;
  if (services.length === 0) return;
  for (const { name: chain, ...hook } of HOOKS) {
    commands.addChain(chain, hook);
    const isNew = chain === 'check' ? [match(ct('state'), 'new', 'in')] : [];
    const chains = services.map(
      (service) => [flows.bitsOf(service), `${chain}_${service.name}`] as const,
    );
    commands.addRule(chain, [...isNew, goToBy(FLOW_BITS, chains)]);
  }
  for (const service of services) {
    commands.addChain(refusalChain(service));
    commands.addRule(refusalChain(service), [count(`refused_${service.name}`), DROP]);
    addNatChain(parts, service, 'dnat');
    addCheckChain(parts, service);
    commands.addChain(`forwarded_${service.name}`);
    commands.addRule(`forwarded_${service.name}`, [count(`service_${service.name}`)]);
    addNatChain(parts, service, 'snat');
  }
}

function refusalChain({ name }: PfService): string {
  return `refuse_${name}`;
}

function addNatChain({ commands }: FilterParts, service: PfService, direction: NatDirection): void {
  const chain = `${NAT_CHAINS[direction]}_${service.name}`;
  commands.addChain(chain);
  for (const family of FAMILIES)
    for (const line of natLines(service, direction, family))
      for (const statements of statementsOf(line.result, direction, family))
        commands.addRule(chain, [...conditionsOf(line, family), ...statements]);
}

/** The ends that a line is for. The destination that is meant is the one before DNAT. */
function conditionsOf({ from, to }: NatLine, family: AddressFamily): readonly JsonObject[] {
  const meant = ct(family === 'ipv4' ? 'ip daddr' : 'ip6 daddr', 'original');
  return [
    ofFamily(family),
    ...(from === undefined ? [] : [match(addressField('saddr', family), subnetValue(from))]),
    ...(to === undefined ? [] : [match(meant, subnetValue(to))]),
  ];
}

const HAS_PORTS = matchOne(meta('l4proto'), PORT_PROTOCOLS);

/** The ways in which a result is written: protocols without ports get none. */
function statementsOf(
  result: NatResult,
  direction: NatDirection,
  family: AddressFamily,
): readonly (readonly JsonObject[])[] {
  const translate = (settings: JsonObject): JsonObject => ({
    [direction]: { family: family === 'ipv4' ? 'ip' : 'ip6', ...settings },
  });
  switch (result.outcome) {
    case 'translated': {
      const into = targetOf(result.into);
      const { port } = result;
      if (port === undefined) return [[translate(into)]];
      return [[HAS_PORTS, translate({ ...into, port })], [translate(into)]];
    }
    case 'kept':
      if (result.port === undefined) return [[ACCEPT]];
      return [[HAS_PORTS, translate({ port: result.port })], [ACCEPT]];
    case 'interface':
      return [[{ masquerade: null }]];
    case 'refused':
      return [[ACCEPT]]; // the check has refused it, or will
  }
}

/** A subnet takes the host part of an address; a host is what every address becomes. */
function targetOf(into: Subnet): JsonObject {
  const addr = subnetValue(into);
  return into.isHost ? { addr } : { addr, flags: 'netmap' };
}

/** What `decideForward` refuses, of new connections whose destination has been translated. */
function addCheckChain(parts: FilterParts, service: PfService): void {
  const { commands } = parts;
  const chain = `check_${service.name}`;
  const refuse = goTo(refusalChain(service));
  commands.addChain(chain);
  for (const family of FAMILIES) {
    for (const direction of ['outbound', 'inbound'] as const) {
      const closed = closedSet(parts, service, direction, family);
      const field = addressField(direction === 'outbound' ? 'saddr' : 'daddr', family);
      if (closed !== undefined) commands.addRule(chain, [match(field, `@${closed}`), refuse]);
    }
  }
  for (const direction of ['snat', 'dnat'] as const)
    for (const family of FAMILIES) {
      const lines = natLines(service, direction, family);
      if (!lines.some(({ result }) => result.outcome === 'refused')) continue;
      const inner = `check_${direction}_${family}_${service.name}`;
      commands.addChain(inner);
      commands.addRule(chain, [ofFamily(family), jump(inner)]);
      for (const line of lines) {
        const verdict = line.result.outcome === 'refused' ? refuse : RETURN;
        commands.addRule(inner, [...conditionsOf(line, family), verdict]);
      }
    }
}

/** The set of the addresses whose zones do not permit the service; undefined if all do. */
function closedSet(
  { policy, sets }: FilterParts,
  service: PfService,
  direction: Direction,
  family: AddressFamily,
): string | undefined {
  const closed = policy.zones.filter((zone) => {
    const question = { direction, zone, service, startedBy: 'rule' } as const;
    return checkAccess(policy, question, []) !== undefined;
  });
  const comment = `zones that do not permit ${direction} ${service.name}`;
  return sets.exactly(closed, family, comment);
}
