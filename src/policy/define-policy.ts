// definePolicy: checks everything that a policy says, indexes it, and freezes it into one value.

import { z } from 'zod';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { checkDatagrams } from './datagram-service.ts';
import { isKind } from './fields.ts';
import { hostZonesOf, tableAddresses } from './host-zones.ts';
import type { Listener } from './make-listener.ts';
import { listenedPorts } from './listened-ports.ts';
import { takeMatchers } from './matcher.ts';
import type { PacketFilterOptions } from './packet-filter-settings.ts';
import { checkPacketFilter } from './packet-filter-settings.ts';
import type { Policy } from './policy.ts';
import { PolicyError } from './policy-error.ts';
import { PolicyFaults } from './policy-faults.ts';
import { checkGuards, checkLists, checkTargetZones } from './policy-lists.ts';
import { exportable } from './policy-export.ts';
import { checkInstances } from './policy-listeners.ts';
import { checkRuleListeners, checkRules, servicesOf } from './policy-rules.ts';
import { checkMarks, checkServices } from './policy-services.ts';
import { checkLines, checkZoneResolver, checkZones, hostnamesOf, treeOf } from './policy-zones.ts';
import type { Resolver } from './resolver.ts';
import type { Rule } from './rule.ts';
import { RuleIndex } from './rule-index.ts';
import type { Zone } from './zone.ts';

/** What a policy file says; it exports `definePolicy(options)` by default. */
export interface PolicyOptions {
  readonly zones: readonly Zone[];
  /**
   * Rules: of all that match a connection, the most specific names its service. In a policy with one instance the hidden
   * `ruleListener()` asks them if no listener does.
   */
  readonly rules?: readonly Rule[];
  /** The listeners of a policy with one instance, which is named `zorp`. With rules it may have none: see `ruleListener`. */
  readonly listeners?: readonly Listener[];
  /** Listeners by the name of the instance that runs them: `zorp run --instance NAME`. */
  readonly instances?: Readonly<Record<string, readonly Listener[]>>;
  /**
   * Who tells the addresses of the host names of zones. Default: `dnsResolver()`, which asks DNS for both families, and
   * again when an answer is no longer good. The hosts file does not count, and all addresses do, whatever `multi` says.
   */
  readonly zoneResolver?: Resolver;
  /** Names and numbers of the packet filter that `zorp nft` makes of this policy. */
  readonly packetFilter?: PacketFilterOptions;
}

/** Only the names of the options: what they hold is checked against one another below. */
const schema = z.strictObject({
  zones: z.unknown(),
  rules: z.unknown(),
  listeners: z.unknown(),
  instances: z.unknown(),
  zoneResolver: z.unknown(),
  packetFilter: z.unknown(),
});
registerOptions('definePolicy', schema);

/**
 * Checks a policy and makes it one value; a policy file exports it by default.
 * @throws PolicyError naming every fault at once.
 * @example export default definePolicy({ zones: [intranet, internet], listeners: [listener('127.0.0.1:8080', web)] });
 */
export function definePolicy(options: PolicyOptions): Policy {
  const checked = checkSettings(schema.partial(), options, {});
  const faults = new PolicyFaults(declare({}, definePolicy));
  for (const fault of checked.faults) faults.addPolicy(fault);
  const given = checked.settings;

  const zones = checkZones(given.zones, faults);
  const known = new Set(zones);
  const zoneTree = treeOf(zones, faults);
  const hostnames = hostnamesOf(zones, faults);
  const zoneResolver = checkZoneResolver(given.zoneResolver, hostnames, faults);
  const lists = checkLists(zones, faults);
  const packetFilter = checkPacketFilter(given.packetFilter, faults);
  const rules = checkRules(given.rules, known, faults);
  const hasRules = isFilledList(given.rules);
  const instances = checkInstances({ ...given, hasRules, packetFilter }, faults);
  const listeners = [...instances.values()].flat();
  for (const listener of listeners) checkLines(listener, known, faults);
  checkRuleListeners(listeners, hasRules, faults);
  const lines = listeners.flatMap((listener) => listener.choices.map(({ service }) => service));
  const { services, programs } = checkServices([...lines, ...servicesOf(rules)], lists, faults);
  checkDatagrams(listeners, rules, faults);
  checkMarks(services, packetFilter, faults);
  const targetZones = checkTargetZones(services, known, faults);
  const guards = checkGuards(services, known, faults);
  for (const matcher of takeMatchers()) faults.collect(matcher);
  const liveInputs = takeLiveInputs();

  if (faults.found.length > 0) throw new PolicyError(faults.found);
  const table = tableAddresses(hostnames.keys(), zoneResolver);
  const hostZones = hostZonesOf({ hostnames, zoneTree }, table);
  const ruleIndex = new RuleIndex(rules);
  const said = {
    zones,
    instances,
    listenedPorts: listenedPorts(instances),
    packetFilter,
    rules,
    services,
    programs,
    hostnames,
    zoneResolver,
  };
  const indexed = { zoneTree, hostZones, ruleIndex, lists, targetZones, guards, liveInputs };
  return exportable(declare<Policy>({ kind: 'policy', ...said, ...indexed }, definePolicy));
}

/** Whether a value, such as the default export of a file, is a checked policy. */
export function isPolicy(value: unknown): value is Policy {
  return isKind(value, ['policy']);
}

/** Rules that are faulty are told as that, and not as listeners that are missing for want of rules. */
function isFilledList(rules: unknown): boolean {
  return Array.isArray(rules) && rules.length > 0;
}
