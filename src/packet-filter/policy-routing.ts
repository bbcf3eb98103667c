// The policy routing that brings marked packets to this machine's own sockets, whatever address they are for: one rule
// and one route for each family. Ours carry a protocol number of their own, so that the kernel remembers who made them.

import type { IpProgram, RoutingFamily, RoutingRoute, RoutingRule } from './ip-program.ts';
import { PacketFilterError } from './packet-filter-error.ts';

/** Which packets are looked up where. */
export interface RoutingSettings {
  /** The mark, which is its own mask. */
  readonly mark: number;
  readonly routingTable: number;
}

/** What a family has of it now. */
export interface RoutingFacts {
  readonly family: RoutingFamily;
  readonly rules: readonly RoutingRule[];
  /** The routes of the table that is asked about. */
  readonly routes: readonly RoutingRoute[];
}

/** One command for ip, such as `rule add ...`. */
export interface RoutingChange {
  readonly family: RoutingFamily;
  readonly args: readonly string[];
}

/** The number of what Zorp made (rtnetlink(7), rtm_protocol); nobody else's in /etc/iproute2/rt_protos. */
export const ROUTING_PROTOCOL = '80';

/** Before the rules that others add, which begin at 32765 and go down, and behind the local table at 0. */
export const ROUTING_PRIORITY = 500;

/** Reads what the families have. */
export async function readRouting(
  ip: IpProgram,
  families: readonly RoutingFamily[],
  table: number,
): Promise<readonly RoutingFacts[]> {
  const facts: RoutingFacts[] = [];
  for (const family of families)
    facts.push({ family, rules: await ip.rules(family), routes: await ip.routes(family, table) });
  return facts;
}

/**
 * What is to be added; nothing for what is there, whoever made it.
 * @throws PacketFilterError where somebody else uses the mark or the table.
 */
export function missingRouting(
  facts: readonly RoutingFacts[],
  settings: RoutingSettings,
): readonly RoutingChange[] {
  return facts.flatMap(({ family, rules, routes }) => {
    refuseTaken(family, rules, routes, settings);
    const changes: RoutingChange[] = [];
    if (!routes.some(isTheRoute))
      changes.push({ family, args: ['route', 'add', ...route(settings)] });
    if (!rules.some((one) => isTheRule(one, settings)))
      changes.push({ family, args: ['rule', 'add', ...rule(settings)] });
    return changes;
  });
}

/** What is to be removed so that nothing of ours is left; what others made stays. */
export function ownRouting(
  facts: readonly RoutingFacts[],
  settings: RoutingSettings,
): readonly RoutingChange[] {
  return facts.flatMap(({ family, rules, routes }) => [
    ...rules
      .filter((one) => one.protocol === ROUTING_PROTOCOL && isTheRule(one, settings))
      .map(() => ({ family, args: ['rule', 'del', ...rule(settings)] })),
    ...routes
      .filter((one) => one.protocol === ROUTING_PROTOCOL && isTheRoute(one))
      .map(() => ({ family, args: ['route', 'del', ...route(settings)] })),
  ]);
}

/** Carries out changes, one after the other. */
export async function changeRouting(
  ip: IpProgram,
  changes: readonly RoutingChange[],
): Promise<void> {
  for (const { family, args } of changes) await ip.change(family, args);
}

/** Takes back additions that were planned, as far as they were carried out. */
export async function undoRouting(
  ip: IpProgram,
  additions: readonly RoutingChange[],
): Promise<void> {
  for (const { family, args } of additions.toReversed()) {
    const [what = '', , ...rest] = args;
    // What was never added is not there to be removed, and the first failure is the one that is told.
    await ip.change(family, [what, 'del', ...rest]).catch(() => undefined);
  }
}

/** Removes what Zorp made for these settings. */
export async function removeOwnRouting(
  ip: IpProgram,
  families: readonly RoutingFamily[],
  settings: RoutingSettings,
): Promise<void> {
  const facts = await readRouting(ip, families, settings.routingTable);
  await changeRouting(ip, ownRouting(facts, settings));
}

/** The settings of all that Zorp made, read from the rules themselves, for where nobody remembers. */
export function ownSettings(facts: readonly RoutingFacts[]): readonly RoutingSettings[] {
  const all = facts.flatMap(({ rules }) =>
    rules.flatMap(({ protocol, mark, table, isSpecial }) =>
      protocol === ROUTING_PROTOCOL && !isSpecial && mark !== undefined && mark.value === mark.mask
        ? [{ mark: mark.value, routingTable: Number(table) }]
        : [],
    ),
  );
  return all.filter((one, index) => all.findIndex((other) => isSameRouting(one, other)) === index);
}

/** Whether two rulesets need the same policy routing. */
export function isSameRouting(one: RoutingSettings, other: RoutingSettings): boolean {
  return one.mark === other.mark && one.routingTable === other.routingTable;
}

function refuseTaken(
  family: RoutingFamily,
  rules: readonly RoutingRule[],
  routes: readonly RoutingRoute[],
  settings: RoutingSettings,
): void {
  const { mark, routingTable } = settings;
  const byMark = rules.find((one) => usesMark(one, mark) && !isTheRule(one, settings));
  if (byMark !== undefined)
    throw new PacketFilterError(
      'routing.mark-taken',
      `The ${family} routing rule ${byMark.priority} of somebody else looks at the mark ${hex(mark)}: choose another bit with packetFilter: { mark }`,
    );
  const strange =
    rules.some((one) => one.table === String(routingTable) && !isTheRule(one, settings)) ||
    routes.some((one) => !isTheRoute(one));
  if (strange)
    throw new PacketFilterError(
      'routing.table-taken',
      `Somebody else uses the ${family} routing table ${routingTable}: choose another number with packetFilter: { routingTable }`,
    );
}

/** Whether a rule asks for packets that have our bit. */
function usesMark({ mark }: RoutingRule, bit: number): boolean {
  return mark !== undefined && (mark.value & mark.mask & bit) !== 0;
}

function isTheRule(one: RoutingRule, { mark, routingTable }: RoutingSettings): boolean {
  return (
    !one.isSpecial &&
    one.table === String(routingTable) &&
    one.mark?.value === mark &&
    one.mark.mask === mark
  );
}

function isTheRoute({ isLocal, destination, device }: RoutingRoute): boolean {
  return isLocal && destination === 'default' && device === 'lo';
}

function rule({ mark, routingTable }: RoutingSettings): string[] {
  const lookUp = ['fwmark', `${hex(mark)}/${hex(mark)}`, 'lookup', String(routingTable)];
  return ['priority', String(ROUTING_PRIORITY), ...lookUp, 'protocol', ROUTING_PROTOCOL];
}

function route({ routingTable }: RoutingSettings): string[] {
  const what = ['local', 'default', 'dev', 'lo', 'table', String(routingTable)];
  return [...what, 'protocol', ROUTING_PROTOCOL];
}

function hex(mark: number): string {
  return `0x${mark.toString(16)}`;
}
