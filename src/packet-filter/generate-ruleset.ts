// From a policy to its packet filter: one nftables table as the commands of libnftables-json(5). Pure, and the same policy
// gives the same commands.

import type { Listener } from '../policy/make-listener.ts';
import type { NumberedRule } from '../policy/number-rules.ts';
import type { PfService } from '../policy/pf-service.ts';
import type { Policy } from '../policy/policy.ts';
import type { AnyService } from '../policy/service.ts';
import { placed } from '../policy/warning.ts';
import { ruleName } from '../policy/warnings-rules.ts';
import { AddressSets } from './address-sets.ts';
import type { FilterParts } from './filter-parts.ts';
import { FAMILIES, ofFamily } from './filter-parts.ts';
import { FLOW_BITS, FlowNumbers } from './flow-numbers.ts';
import { addForwardChains, addTakingChain } from './forward-chains.ts';
import { checkExpressible, hiddenListener, inexpressible, isProxied } from './inexpressible.ts';
import {
  addBringingChain,
  addOwnAddresses,
  addRedirection,
  addRunningConnections,
  bringingChain,
  FROM_CLIENT,
} from './listener-chains.ts';
import type { JsonObject } from './nft-json.ts';
import {
  ACCEPT,
  count,
  ct,
  DROP,
  goTo,
  goToBy,
  match,
  matchOne,
  meta,
  payload,
  TableCommands,
  transportBits,
} from './nft-json.ts';
import { addDenyChain } from './refusal-chain.ts';
import { addEntries, rulesChain } from './rule-chains.ts';
import { entriesOf, inOrder } from './scored-entry.ts';

/** A ruleset. */
export interface GeneratedRuleset {
  /** Commands that make the table, if it is not there, and fill it. */
  readonly commands: readonly JsonObject[];
  /** Whether it forwards packets that no proxy sees, so that this machine has to be a router. */
  readonly forwards: boolean;
}

/** The chain by which packets come in, before they are routed: the priority `mangle` of nft. */
const FIRST = { type: 'filter', hook: 'prerouting', prio: -150 } as const;

/**
 * Generates the packet filter of a policy. `leastRow` is how many entries in a row are worth a map, by default LEAST_ROW.
 * @throws PacketFilterError for a rule that it cannot express.
 */
export function generateRuleset(policy: Policy, leastRow?: number): GeneratedRuleset {
  const { table } = policy.packetFilter;
  const listeners = [...policy.instances.values()].flat();
  const services = isAsked(policy) ? policy.services.filter(isForwarded) : [];
  const brought = listeners.filter(isBrought);
  const takers = [...brought, ...services];
  checkExpressible(isAsked(policy) ? policy : { ...policy, rules: [] }, takers.length);
  const commands = new TableCommands(table);
  const sets = new AddressSets(policy, commands);
  const parts = { policy, commands, sets, flows: new FlowNumbers(takers) };
  addFirstChain(parts, brought);
  addDispatchChain(parts, listeners);
  for (const listener of brought) addBringingChain(parts, listener);
  if (isAsked(policy)) addRules(parts, leastRow);
  addForwardChains(parts, services);
  const made = { add: { table: { family: 'inet', name: table } } };
  return { commands: [made, ...commands.all], forwards: services.length > 0 };
}

/** Whether the rules are for all packets: a listener at an address of its own asks them by itself. */
function isAsked(policy: Policy): boolean {
  const forwards = policy.rules.some(({ rule }) => rule.service?.kind === 'pf-service');
  return forwards || (policy.rules.length > 0 && hiddenListener(policy) !== undefined);
}

function isForwarded(service: AnyService): service is PfService {
  return service.kind === 'pf-service';
}

/** Whether packets are brought to a listener that are meant for others. */
function isBrought({ isHidden, redirectPorts }: Listener): boolean {
  return isHidden || redirectPorts !== undefined;
}

// RFC 4861, 4; RFC 2710, 3; RFC 3810, 5: without neighbour discovery and multicast listener discovery there is no link.
const LINK_MESSAGES = [130, 131, 132, 133, 134, 135, 136, 137, 143];
const ICMPV6 = 58;

function addFirstChain(parts: FilterParts, brought: readonly Listener[]): void {
  const { commands, flows } = parts;
  const chain = 'prerouting';
  commands.addChain(chain, FIRST);
  commands.addRule(chain, [match(meta('iifname'), 'lo'), ACCEPT]);
  const toMany = match(
    { fib: { result: 'type', flags: ['daddr'] } },
    { set: ['broadcast', 'multicast'] },
  );
  commands.addRule(chain, [toMany, ACCEPT]);
  const ofLink = [
    ofFamily('ipv6'),
    match(meta('l4proto'), ICMPV6),
    matchOne(transportBits(0, 8), LINK_MESSAGES),
  ];
  commands.addRule(chain, [...ofLink, ACCEPT]);
  addRunningConnections(parts, chain);
  const chains = brought.map(
    (listener) => [flows.bitsOf(listener), bringingChain(parts, listener)] as const,
  );
  if (chains.length > 0) commands.addRule(chain, [FROM_CLIENT, goToBy(FLOW_BITS, chains)]);
  commands.addRule(chain, [match(FLOW_BITS, 0, '!='), ACCEPT]);
  const states = ['invalid', 'new', 'untracked'];
  commands.addRule(chain, [match(ct('state'), states, 'in'), goTo('dispatch')]);
}

function addDispatchChain(parts: FilterParts, listeners: readonly Listener[]): void {
  const { commands, policy } = parts;
  const chain = 'dispatch';
  commands.addChain(chain);
  // IPv4 addresses in IPv6 are for programs, never for a wire (RFC 4291, 2.5.5.2): they would be of another zone there.
  const mapped = { prefix: { addr: '::ffff:0:0', len: 96 } };
  for (const end of ['saddr', 'daddr'])
    commands.addRule(chain, [match(payload('ip6', end), mapped), DROP]);
  for (const listener of listeners) addOwnAddresses(parts, chain, listener);
  for (const listener of listeners) addRedirection(parts, chain, listener);
  if (!isAsked(policy)) return;
  const chains = FAMILIES.map((family) => [family, rulesChain(family)] as const);
  commands.addRule(chain, [goToBy(meta('nfproto'), chains)]);
}

/** The entries of all rules, best first, and the chain of each rule. */
function addRules(parts: FilterParts, leastRow: number | undefined): void {
  const { policy } = parts;
  const entries = inOrder(
    policy.rules.flatMap((numbered) => {
      const own = entriesOf(numbered);
      if (own !== undefined) return own;
      throw inexpressible(
        numbered,
        'its alternatives have too many combinations: make several rules of it, or give it fewer lengths of subnets',
      );
    }),
  );
  const chains = new Map<AnyService | undefined, string>();
  for (const numbered of policy.rules) addRuleChain(parts, numbered, chains);
  for (const family of FAMILIES) addEntries(parts, family, entries, leastRow);
}

/** The chain of a rule: it counts, and leads to what the rule starts. */
function addRuleChain(
  parts: FilterParts,
  numbered: NumberedRule,
  chains: Map<AnyService | undefined, string>,
): void {
  const { id, rule } = numbered;
  const { service } = rule;
  const next = isProxied(numbered) ? 'bring_to_rules' : servedBy(parts, service, chains);
  const counters = [count(`rule_${id}`)];
  // A service of the packet filter counts what it forwards; for the others, what rules give them.
  if (service !== undefined && rule.detect.length === 0 && service.kind !== 'pf-service')
    counters.push(count(`service_${service.name}`));
  const place = placed(rule, ruleName(numbered));
  parts.commands.addChain(`rule_${id}`);
  parts.commands.addRule(`rule_${id}`, [...counters, goTo(next)], place);
}

/** The chain of a service that no proxy has, made when the first rule starts it. */
function servedBy(
  parts: FilterParts,
  service: AnyService | undefined,
  chains: Map<AnyService | undefined, string>,
): string {
  const known = chains.get(service);
  if (known !== undefined) return known;
  const chain =
    service?.kind === 'pf-service'
      ? addTakingChain(parts, service)
      : service?.kind === 'deny-service'
        ? addDenyChain(parts, service)
        : 'bring_to_rules';
  chains.set(service, chain);
  return chain;
}
