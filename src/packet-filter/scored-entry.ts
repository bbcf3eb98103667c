// Rules cut into entries that always score the same: sorted by score, the first entry that a packet meets is of the rule
// that wins. What a condition adds to the score depends on which of its alternatives match, so each class of equal points
// is an entry of its own, and so is each combination of classes.

import type { PortRange, PortSet } from '../address/port-range.ts';
import type { Subnet } from '../address/subnet.ts';
import { hasPorts, isIcmp, PORT_PROTOCOLS, PROTOCOL_NUMBERS } from '../policy/ip-protocol.ts';
import type { NumberedRule } from '../policy/number-rules.ts';
import type { Rule } from '../policy/rule.ts';
import { WEIGHT, zonePoints } from '../policy/rule-score.ts';
import type { Zone } from '../policy/zone.ts';

/** What an entry asks for: one of some values. */
export type Demand =
  | {
      readonly kind:
        | 'requestIds'
        | 'interfaceGroups'
        | 'icmpTypes'
        | 'icmpCodes'
        | 'protocols'
        | 'destinationInterfaceGroups';
      readonly values: readonly number[];
    }
  | {
      readonly kind: 'interfaces' | 'destinationInterfaces';
      readonly values: readonly string[];
    }
  | { readonly kind: 'sourcePorts' | 'ports'; readonly values: readonly PortRange[] }
  | {
      readonly kind: 'sourceSubnets' | 'destinationSubnets';
      readonly values: readonly Subnet[];
    }
  | { readonly kind: 'from' | 'to'; readonly values: readonly Zone[] };

/** A demand, and what it is worth. */
interface Class {
  readonly demand: Demand;
  readonly points: number;
}

/** Everything that an entry asks for, and the score of every packet that has it. */
export interface ScoredEntry {
  readonly id: number;
  readonly score: number;
  readonly demands: readonly Demand[];
}

/** Conditions of which one is enough: each is some classes, of which one at most counts. */
type Group = readonly (readonly Class[])[];

// A rule of so many combinations would be a list that nobody can read, and every packet would go through it.
const MOST_ENTRIES = 8192;

/** The entries of a rule; undefined if they are too many. A rule that no packet can match has none. */
export function entriesOf({ id, rule }: NumberedRule): readonly ScoredEntry[] | undefined {
  const groups = groupsOf(rule);
  if (groups === undefined) return [];
  if (countEntries(groups) > MOST_ENTRIES) return undefined;
  let entries: readonly (readonly Class[])[] = [[]];
  for (const group of groups) {
    const choices = choicesOf(group);
    entries = entries.flatMap((entry) => choices.map((choice) => [...entry, ...choice]));
  }
  return entries.map((classes) => ({
    id,
    score: classes.reduce((sum, { points }) => sum + points, 0),
    demands: classes.map(({ demand }) => demand),
  }));
}

/** Those of all rules, in the order in which the first that matches is the best: by score, then by id. */
export function inOrder(entries: readonly ScoredEntry[]): readonly ScoredEntry[] {
  return entries.toSorted((one, other) => other.score - one.score || one.id - other.id);
}

/** All combinations of the classes of a group that have at least one. */
function choicesOf(group: Group): readonly (readonly Class[])[] {
  let choices: readonly (readonly Class[])[] = [[]];
  for (const classes of group)
    choices = choices.flatMap((choice) => [choice, ...classes.map((one) => [...choice, one])]);
  return choices.slice(1); // the first one chose nothing
}

function countEntries(groups: readonly Group[]): number {
  let product = 1;
  for (const group of groups)
    product *= group.reduce((count, classes) => count * (1 + classes.length), 1) - 1;
  return product;
}

/** What a rule asks for; undefined if no packet can have it. */
function groupsOf(rule: Rule): readonly Group[] | undefined {
  const protocols = protocolsOf(rule);
  if (protocols?.length === 0) return undefined;
  const points = rule.protocols.length === 0 ? 0 : WEIGHT.protocol;
  const groups: Group[] = [
    [
      valueClass({ kind: 'requestIds', values: rule.requestIds }, WEIGHT.requestId),
      valueClass({ kind: 'interfaces', values: rule.interfaces }, WEIGHT.interface),
      valueClass({ kind: 'interfaceGroups', values: rule.interfaceGroups }, WEIGHT.interfaceGroup),
    ],
    [valueClass({ kind: 'protocols', values: protocols ?? [] }, points)],
    [valueClass({ kind: 'icmpTypes', values: rule.icmpTypes }, WEIGHT.icmpType)],
    [valueClass({ kind: 'icmpCodes', values: rule.icmpCodes }, WEIGHT.icmpCode)],
    [portClasses('sourcePorts', rule.sourcePorts, WEIGHT.sourcePort)],
    [portClasses('ports', rule.ports, WEIGHT.port)],
    [
      subnetClasses('sourceSubnets', rule.sourceSubnets, WEIGHT.fromSubnet),
      zoneClasses('from', rule.from, WEIGHT.fromZone),
    ],
    [
      subnetClasses('destinationSubnets', rule.destinationSubnets, WEIGHT.toSubnet),
      valueClass(
        { kind: 'destinationInterfaces', values: rule.destinationInterfaces },
        WEIGHT.toInterface,
      ),
      valueClass(
        { kind: 'destinationInterfaceGroups', values: rule.destinationInterfaceGroups },
        WEIGHT.toInterfaceGroup,
      ),
      zoneClasses('to', rule.to, WEIGHT.toZone),
    ],
  ];
  return groups.filter((group) => group.some((classes) => classes.length > 0));
}

/** The protocols that a packet may have; undefined: any. Only some have ports, and only ICMP has types and codes. */
function protocolsOf({
  protocols,
  icmpTypes,
  icmpCodes,
  ...rule
}: Rule): readonly number[] | undefined {
  const asksIcmp = icmpTypes.length + icmpCodes.length > 0;
  const asksPorts = rule.sourcePorts !== undefined || rule.ports !== undefined;
  if (!asksIcmp && !asksPorts) return protocols.length === 0 ? undefined : [...new Set(protocols)];
  const { icmp, icmpv6 } = PROTOCOL_NUMBERS;
  const possible = protocols.length > 0 ? protocols : [...PORT_PROTOCOLS, icmp, icmpv6];
  return [...new Set(possible)].filter(
    (one) => (!asksIcmp || isIcmp(one)) && (!asksPorts || hasPorts(one)),
  );
}

function valueClass(demand: Demand, points: number): readonly Class[] {
  return demand.values.length === 0 ? [] : [{ demand, points }];
}

function portClasses(
  kind: 'sourcePorts' | 'ports',
  set: PortSet | undefined,
  weight: number,
): readonly Class[] {
  const ranges = set?.ranges ?? [];
  const exact = ranges.filter((range) => range.isExact);
  const wide = ranges.filter((range) => !range.isExact);
  return [
    ...valueClass({ kind, values: exact }, 2 * weight),
    ...valueClass({ kind, values: wide }, weight),
  ];
}

function subnetClasses(
  kind: 'sourceSubnets' | 'destinationSubnets',
  subnets: readonly Subnet[],
  weight: number,
): readonly Class[] {
  return classesBy(
    subnets,
    ({ prefixLength }) => prefixLength + 1,
    (values) => ({ kind, values }),
    weight,
  );
}

function zoneClasses(
  kind: 'from' | 'to',
  zones: readonly Zone[],
  weight: number,
): readonly Class[] {
  return classesBy(zones, zonePoints, (values) => ({ kind, values }), weight);
}

function classesBy<Value>(
  values: readonly Value[],
  pointsOf: (value: Value) => number,
  demandOf: (values: readonly Value[]) => Demand,
  weight: number,
): readonly Class[] {
  return [...Map.groupBy(values, pointsOf)].map(([points, members]) => ({
    demand: demandOf(members),
    points: points * weight,
  }));
}
