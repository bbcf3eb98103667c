// Rules that do nothing: no listener asks them, no listener can meet their conditions, or others always win.

import { isAnyAddress, takesProtocol } from './own-address.ts';
import { PROTOCOL_NUMBERS, showProtocol } from './ip-protocol.ts';
import type { Listener } from './make-listener.ts';
import type { NumberedRule } from './number-rules.ts';
import type { Policy } from './policy.ts';
import type { Rule } from './rule.ts';
import { rulesThatNeverWin } from './rule-cover.ts';
import type { Warning } from './warning.ts';
import { placed, warn } from './warning.ts';

/** The warnings about rules. */
export function ruleWarnings(policy: Policy): readonly Warning[] {
  const { rules, instances } = policy;
  const asking = [...instances.values()].flat().filter(({ type }) => type === 'rule');
  if (rules.length === 0) return [];
  if (asking.length === 0) return [notAsked(policy)];
  return [...unmatched(rules, asking), ...covered(policy)];
}

function notAsked(policy: Policy): Warning {
  const count = policy.rules.length === 1 ? '1 rule' : `${policy.rules.length} rules`;
  return warn('rule.not-asked', policy, {
    message: `the policy has ${count}, and no listener asks them`,
    cure: 'add ruleListener() to one of the instances, or remove the rules',
  });
}

/** How a warning names a rule. */
export function ruleName({ id, rule }: NumberedRule): string {
  return rule.name === undefined ? `rule ${id}` : `rule ${id} ${JSON.stringify(rule.name)}`;
}

const MOST_COVERING = 5; // names in a line: enough to see why, and still one line

function covered({ rules, zones }: Policy): readonly Warning[] {
  return rulesThatNeverWin(rules, zones).map((dead) => {
    const named = dead.coveredBy.slice(0, MOST_COVERING);
    const names = named.map((other) => placed(other.rule, ruleName(other)));
    const rest = dead.coveredBy.length - named.length;
    if (rest > 0) names.push(`${rest} more`);
    return warn('rule.never-wins', dead.rule, {
      message: `${ruleName(dead)} never wins: wherever it matches, another is preferred: ${names.join(', ')}`,
      cure: 'remove it, or make it more specific than those',
    });
  });
}

/** Why no connection that a listener accepts can match a rule. */
interface Obstacle {
  readonly what: string;
  readonly cure: string;
}

function unmatched(
  rules: readonly NumberedRule[],
  asking: readonly Listener[],
): readonly Warning[] {
  return rules.flatMap((numbered) => {
    // The packet filter forwards what comes by any interface, and of any protocol.
    if (numbered.rule.service?.kind === 'pf-service') return [];
    const obstacle = obstacleOf(numbered.rule, asking);
    if (obstacle === undefined) return [];
    const message = `${ruleName(numbered)} never matches: ${obstacle.what}`;
    return [warn('rule.never-matches', numbered.rule, { message, cure: obstacle.cure })];
  });
}

/** Listeners accept TCP, the hidden one UDP too; they come by an interface that
 * they name or that the system tells, and know of no IPsec. */
function obstacleOf(rule: Rule, asking: readonly Listener[]): Obstacle | undefined {
  const { protocols, icmpTypes, icmpCodes } = rule;
  // The packet filter, which the hidden listener stands for, does by itself what needs no proxy.
  if (asking.some(({ isHidden }) => isHidden) && !startsProxy(rule)) return undefined;
  const isTaken = (number: number): boolean =>
    TAKEN.includes(number) && asking.some((listener) => takesProtocol(listener, number));
  if (protocols.length > 0 && !protocols.some(isTaken)) return notTaken(protocols);
  if (icmpTypes.length + icmpCodes.length > 0) return NO_ICMP;
  if (asking.some((listener) => comesIn(rule, listener) && goesTo(rule, listener)))
    return undefined;
  return asking.some((listener) => comesIn(rule, listener)) ? NOT_OWN : notIn(rule);
}

function startsProxy({ service, detect }: Rule): boolean {
  return [service, ...detect.map((line) => line.service)].some((one) => one?.kind === 'service');
}

const TAKEN: readonly number[] = [PROTOCOL_NUMBERS.tcp, PROTOCOL_NUMBERS.udp];

function notTaken(protocols: readonly number[]): Obstacle {
  const names = protocols.map(showProtocol).join(' and ');
  if (!protocols.includes(PROTOCOL_NUMBERS.udp))
    return {
      what: `it is for ${names}, and listeners accept TCP and UDP only`,
      cure: 'remove it, or add "tcp" to its protocols',
    };
  return {
    what: `it is for ${names}, and the listeners that ask the rules accept TCP only`,
    cure: 'remove it, add "tcp" to its protocols, or have a ruleListener() without a bind, which takes UDP too',
  };
}

const NO_ICMP: Obstacle = {
  what: 'it asks for ICMP messages, and listeners accept TCP and UDP only',
  cure: 'remove it, or its icmpTypes and icmpCodes',
};

function notIn({ interfaces, interfaceGroups, requestIds }: Rule): Obstacle {
  const names = interfaces.map((name) => `interface ${name}`);
  const groups = interfaceGroups.map((group) => `interface group ${group}`);
  const requests = requestIds.map((id) => `IPsec request ${id}`);
  const all = [...names, ...groups, ...requests];
  const shown = all.slice(0, MOST_COVERING).join(' or ');
  const what = `it is for ${shown}${all.length > MOST_COVERING ? ' and more' : ''}, and no listener that asks the rules says that its connections come by that`;
  const cure =
    names.length + groups.length === 0
      ? 'remove it: a listener does not know of IPsec'
      : 'name the interface in ruleListener(..., { interface: { name, group } }), or remove the condition';
  return { what, cure };
}

const NOT_OWN: Obstacle = {
  what: 'it is for the addresses of an interface, and no listener that asks the rules names that interface and one of its addresses',
  cure: 'name the interface in ruleListener(..., { interface }) and an address of it in its bind, or write destinationSubnets',
};

/** A listener that names no interface gets each connection's own from the system, if it is a transparent one. */
function comesIn(rule: Rule, { incoming, transparent }: Listener): boolean {
  const { interfaces, interfaceGroups, requestIds } = rule;
  const byInterface = interfaces.length + interfaceGroups.length;
  if (byInterface + requestIds.length === 0) return true;
  if (incoming === undefined) return transparent && byInterface > 0;
  return interfaces.includes(incoming.name) || interfaceGroups.includes(incoming.group);
}

/** A bind on all addresses names none, so that no destination is known to be an address of the interface. */
function goesTo(rule: Rule, { incoming, transparent }: Listener): boolean {
  const { destinationInterfaces, destinationInterfaceGroups, destinationSubnets, to } = rule;
  const others = destinationSubnets.length + to.length;
  if (others > 0 || destinationInterfaces.length + destinationInterfaceGroups.length === 0)
    return true;
  if (incoming === undefined && transparent) return true;
  if (incoming?.addresses.every(isAnyAddress) !== false) return false;
  return (
    destinationInterfaces.includes(incoming.name) ||
    destinationInterfaceGroups.includes(incoming.group)
  );
}
