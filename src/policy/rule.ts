// Rules: conditions on the first packet of a connection, and the service that it gets. Of all rules that match a packet,
// the most specific wins; how that is weighed stands in rule-score.ts.

import type { PortList, PortSet } from '../address/port-range.ts';
import type { Subnet } from '../address/subnet.ts';
import type { Detector } from '../proxy/detector.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { ProtocolName } from './ip-protocol.ts';
import { conflictFaults, ruleSchema } from './rule-fields.ts';
import type { AnyService, DenyService, Service } from './service.ts';
import type { Zone } from './zone.ts';

/** One value or several; the empty list is the same as none given, as in the original. */
export type OneOrMany<Value> = Value | readonly Value[];

/** One line of `detect`: connections that this detector recognises get this service. */
export interface DetectLine {
  readonly detector: Detector;
  readonly service: Service | DenyService;
}

/** Options of `rule`. A condition that is not given, or is an empty list, holds for every packet. */
export interface RuleOptions {
  /** What the rule is for, in words of your own. Default: none. */
  readonly name?: string;
  /** Number of the rule: it stands in records, and the lower one wins a tie. Default: the lowest that no rule has. */
  readonly id?: number;
  /** What a connection gets. Needed unless `detect` is given; with `detect`, what connections get that no line recognises. */
  readonly service?: AnyService;
  /** Recognises the protocol by the first bytes, line by line; the first that matches wins. */
  readonly detect?: readonly DetectLine[];
  /** Zones of the client; each stands for the zones below it, too. Alternatives to `sourceSubnets`. */
  readonly from?: OneOrMany<Zone>;
  /** Zones of the original destination; each stands for the zones below it, too. Alternatives to `destinationSubnets`. */
  readonly to?: OneOrMany<Zone>;
  /** Subnets of the client, such as `'10.0.0.0/8'`; IPv4 and IPv6 may be mixed. */
  readonly sourceSubnets?: OneOrMany<string>;
  /** Subnets of the original destination. */
  readonly destinationSubnets?: OneOrMany<string>;
  /** Ports of the client, such as `1024` or `'53,1024-65535'`. */
  readonly sourcePorts?: PortList;
  /** Ports of the original destination, such as `80` or `'80,8000-8099'`. */
  readonly ports?: PortList;
  /** IP protocols, by name or number. */
  readonly protocols?: OneOrMany<ProtocolName | number>;
  /** ICMP types, 0 to 255; only with `protocols` that name `'icmp'` or `'icmpv6'`. */
  readonly icmpTypes?: OneOrMany<number>;
  /** ICMP codes, 0 to 255; only with `protocols` that name `'icmp'` or `'icmpv6'`. */
  readonly icmpCodes?: OneOrMany<number>;
  /** Names of the incoming interface. */
  readonly interfaces?: OneOrMany<string>;
  /** Groups of the incoming interface. Alternatives to `interfaces`. */
  readonly interfaceGroups?: OneOrMany<number>;
  /** The original destination is a local address of the incoming interface, which has one of these names. */
  readonly destinationInterfaces?: OneOrMany<string>;
  /** The same by the group of the interface. Both are alternatives to `to` and `destinationSubnets`. */
  readonly destinationInterfaceGroups?: OneOrMany<number>;
  /** Request ids of the IPsec policy that decapsulated the packet. Alternatives to `interfaces`. */
  readonly requestIds?: OneOrMany<number>;
}

/** Conditions and what they start. An empty list, and ports that are undefined, are no condition. */
export interface Rule {
  readonly kind: 'rule';
  readonly name: string | undefined;
  /** The number that the policy gave; definePolicy numbers the others. */
  readonly id: number | undefined;
  /** Undefined only in rules that detect and have nothing for what they do not recognise. */
  readonly service: AnyService | undefined;
  readonly detect: readonly DetectLine[];
  readonly from: readonly Zone[];
  readonly to: readonly Zone[];
  readonly sourceSubnets: readonly Subnet[];
  readonly destinationSubnets: readonly Subnet[];
  readonly sourcePorts: PortSet | undefined;
  readonly ports: PortSet | undefined;
  /** IP protocol numbers. */
  readonly protocols: readonly number[];
  readonly icmpTypes: readonly number[];
  readonly icmpCodes: readonly number[];
  readonly interfaces: readonly string[];
  readonly interfaceGroups: readonly number[];
  readonly destinationInterfaces: readonly string[];
  readonly destinationInterfaceGroups: readonly number[];
  readonly requestIds: readonly number[];
}

/**
 * Makes a rule.
 * @example rule({ from: intranet, to: internet, protocols: 'tcp', ports: '80,8080', service: web });
 */
export function rule(options: RuleOptions): Rule {
  const { settings, faults } = checkSettings(ruleSchema, options, {});
  const made: Rule = {
    kind: 'rule',
    ...settings,
    name: settings.name,
    id: settings.id,
    service: settings.service,
    sourcePorts: settings.sourcePorts,
    ports: settings.ports,
  };
  return declare(made, rule, [...faults, ...conflictFaults(settings, faults)]);
}
