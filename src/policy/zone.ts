// Zones: named sets of subnets and hosts, arranged in an administrative tree; the unit of policy.

import { z } from 'zod';
import { Subnet } from '../address/subnet.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare, showValue } from '../proxy/policy-fault.ts';
import type { Lazy } from './fields.ts';
import { functionOf, nameFaults, nameOf, objectOf, parsed } from './fields.ts';
import { hostName } from './resolver.ts';

/** A service as zones see it: made by `service()`, `pfService()` or `denyService()`. */
export interface ListedService {
  readonly kind: 'service' | 'pf-service' | 'deny-service';
  readonly name: string;
}

/** Services that a zone permits; `'*'` stands for all. */
export type ServiceList = readonly (ListedService | '*')[];

/** Options of `zone`. */
export interface ZoneOptions {
  /** Subnets such as `'10.0.0.0/8'`, `'2001:db8::/32'` or a single `'192.0.2.7'`. The most specific subnet of all zones wins. */
  readonly subnets?: readonly string[];
  /**
   * Host names such as `'www.example.org'`: the zone has the addresses that DNS gives them now. They win over all
   * subnets but one of that single address. Who answers for the name decides what is in the zone.
   */
  readonly hostnames?: readonly string[];
  /** The administrative parent; it has nothing to do with how subnets nest. */
  readonly parent?: Zone;
  /** An umbrella zone inherits no list of services from its parent. Default: false. */
  readonly umbrella?: boolean;
  /** Services that clients in this zone may use. Not declared: the parent's list; in the end none. */
  readonly outboundServices?: Lazy<ServiceList>;
  /** Services that may reach servers in this zone. Not declared: the parent's list; in the end none. */
  readonly inboundServices?: Lazy<ServiceList>;
}

/** The services that a zone declares for one direction; undefined where it declares none. */
export interface ZoneLists {
  readonly outbound: ReadonlySet<ListedService | '*'> | undefined;
  readonly inbound: ReadonlySet<ListedService | '*'> | undefined;
}

/** A named set of subnets. */
export interface Zone {
  readonly kind: 'zone';
  readonly name: string;
  readonly subnets: readonly Subnet[];
  /** In lower case, without a dot at the end. */
  readonly hostnames: readonly string[];
  readonly parent: Zone | undefined;
  readonly isUmbrella: boolean;
  readonly outboundServices: Lazy<ServiceList> | undefined;
  readonly inboundServices: Lazy<ServiceList> | undefined;
}

/** What a list of services may hold, as a cure. */
export const LISTED_SERVICES =
  'give services made by service(), pfService() or denyService(), or "*" for all';

const serviceList = z.union(
  [
    z
      .array(
        z.union(
          [z.literal('*'), objectOf<ListedService>(['service', 'pf-service', 'deny-service'], '')],
          {
            error: LISTED_SERVICES,
          },
        ),
      )
      .readonly(),
    functionOf<ServiceList>(),
  ],
  { error: "give a list of services, or ['*'] for all, or a function that returns one" },
);

/** Reads a subnet; what is none, but has a place elsewhere or can be written otherwise, is told that. */
function readSubnet(text: string): Subnet {
  const subject = `Cannot parse subnet ${JSON.stringify(text)}`;
  if (hostName.safeParse(text).success)
    throw new SyntaxError(`${subject}: write it into hostnames, if it is the name of a host`);
  if (/^[0-9.]+ *- *[0-9.]+$/.test(text))
    throw new SyntaxError(`${subject}: write the subnets that the range is made of`);
  return Subnet.parse(text);
}

const schema = z.strictObject({
  subnets: z
    .array(parsed(readSubnet, 'give a subnet as text, such as "10.0.0.0/8"'), {
      error: 'give a list of subnets, such as ["10.0.0.0/8"]',
    })
    .default([])
    .readonly(),
  hostnames: z
    .array(hostName, { error: 'give a list of host names, such as ["www.example.org"]' })
    .default([])
    .readonly(),
  parent: objectOf<Zone>(['zone'], 'give a zone made by zone()').optional(),
  umbrella: z.boolean({ error: 'give true or false' }).default(false),
  outboundServices: serviceList.optional(),
  inboundServices: serviceList.optional(),
});
registerOptions('zone', schema);

/**
 * Makes a zone. One without subnets and host names is only a parent of others.
 * @example const intranet = zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: [web] });
 * @example const updates = zone('updates', { hostnames: ['updates.example.org'], inboundServices: [web] });
 */
export function zone(name: string, options: ZoneOptions): Zone {
  const { settings, faults } = checkSettings(schema, options, {});
  const made: Zone = {
    kind: 'zone',
    name: nameOf(name),
    subnets: settings.subnets,
    hostnames: settings.hostnames,
    parent: settings.parent,
    isUmbrella: settings.umbrella,
    outboundServices: settings.outboundServices,
    inboundServices: settings.inboundServices,
  };
  const own = [...hostnameFaults(made), ...parentFaults(made)];
  return declare(made, zone, [...nameFaults(name), ...faults, ...own]);
}

/** The zone and its administrative ancestors, nearest first. */
export function ancestry(zone: Zone): readonly Zone[] {
  const chain: Zone[] = [];
  for (let next: Zone | undefined = zone; next !== undefined; next = next.parent) chain.push(next);
  return chain;
}

/** How deep a zone is in the administrative tree: 1 for one without parent. */
export function depthOf(zone: Zone): number {
  let depth = 0;
  for (let next: Zone | undefined = zone; next !== undefined; next = next.parent) depth++;
  return depth;
}

/** Whether a zone is another one, or below it in the administrative tree. */
export function isWithin(zone: Zone, other: Zone): boolean {
  for (let next: Zone | undefined = zone; next !== undefined; next = next.parent)
    if (next === other) return true;
  return false;
}

/** One line in English: what is in this zone, and what may leave and enter it. */
export function explainZone(zone: Zone, lists: ZoneLists | undefined): string {
  const members = [...zone.subnets, ...zone.hostnames];
  const subnets = members.length === 0 ? 'no subnets' : members.join(', ');
  const below = zone.parent === undefined ? '' : `, below ${zone.parent.name}`;
  const outbound = explainList(zone, lists?.outbound);
  const inbound = explainList(zone, lists?.inbound);
  return `${subnets}${below}; out: ${outbound}; in: ${inbound}`;
}

function explainList(zone: Zone, list: ZoneLists['outbound']): string {
  if (list === undefined)
    return zone.parent === undefined || zone.isUmbrella ? 'no list' : `as ${zone.parent.name}`;
  if (list.has('*')) return 'all';
  const names = [...list].flatMap((one) => (one === '*' ? [] : [one.name]));
  return names.length === 0 ? 'none' : names.join(', ');
}

/** A host name that stands there twice is a slip of the pen. */
function hostnameFaults({ hostnames }: Zone): readonly Fault[] {
  return hostnames.flatMap((host, index) =>
    hostnames.indexOf(host) === index
      ? []
      : [
          {
            path: `hostnames[${String(index)}]`,
            value: showValue(host),
            cure: 'name it only once',
          },
        ],
  );
}

/** An umbrella zone without a parent would say something that has no effect. */
function parentFaults(made: Zone): readonly Fault[] {
  if (!made.isUmbrella || made.parent !== undefined) return [];
  return [
    {
      path: 'umbrella',
      value: 'true',
      cure: 'name a parent, or remove it: there is nothing to inherit',
    },
  ];
}
