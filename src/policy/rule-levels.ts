// The conditions of rules in the order in which scores compare them, most significant first: a level each.

import { hasPorts, isIcmp } from './ip-protocol.ts';
import type { Packet } from './packet.ts';
import type { Condition } from './rule-conditions.ts';
import {
  PortCondition,
  SubnetCondition,
  ValueCondition,
  ZoneCondition,
} from './rule-conditions.ts';
import { ownInterface, WEIGHT } from './rule-score.ts';

/** Conditions of which one is enough; the groups of a rule must all match. */
export type Group =
  | 'incoming'
  | 'icmp-code'
  | 'icmp-type'
  | 'protocol'
  | 'source-port'
  | 'port'
  | 'source'
  | 'destination';

/** A condition and the group that it belongs to. */
export interface Level {
  readonly group: Group;
  readonly condition: Condition;
}

/** New levels, whose conditions know no atoms yet. */
export function makeLevels(): readonly Level[] {
  return [
    ...incomingLevels(),
    ...protocolLevels(),
    {
      group: 'source-port',
      condition: new PortCondition((rule) => rule.sourcePorts, sourcePort, WEIGHT.sourcePort),
    },
    {
      group: 'port',
      condition: new PortCondition((rule) => rule.ports, port, WEIGHT.port),
    },
    ...sourceLevels(),
    ...destinationLevels(),
  ];
}

function incomingLevels(): readonly Level[] {
  const group = 'incoming';
  const requestId = ({ incoming, requestId: id }: Packet): number | undefined =>
    incoming === undefined ? undefined : id;
  return [
    {
      group,
      condition: new ValueCondition((rule) => rule.requestIds, requestId, WEIGHT.requestId),
    },
    {
      group,
      condition: new ValueCondition(
        (rule) => rule.interfaces,
        (packet) => packet.incoming?.name,
        WEIGHT.interface,
      ),
    },
    {
      group,
      condition: new ValueCondition(
        (rule) => rule.interfaceGroups,
        (packet) => packet.incoming?.group,
        WEIGHT.interfaceGroup,
      ),
    },
  ];
}

function protocolLevels(): readonly Level[] {
  return [
    {
      group: 'icmp-code',
      condition: new ValueCondition(
        (rule) => rule.icmpCodes,
        (packet) => message(packet)?.code,
        WEIGHT.icmpCode,
      ),
    },
    {
      group: 'icmp-type',
      condition: new ValueCondition(
        (rule) => rule.icmpTypes,
        (packet) => message(packet)?.type,
        WEIGHT.icmpType,
      ),
    },
    {
      group: 'protocol',
      condition: new ValueCondition(
        (rule) => rule.protocols,
        (packet) => packet.protocol,
        WEIGHT.protocol,
      ),
    },
  ];
}

function sourceLevels(): readonly Level[] {
  const group = 'source';
  return [
    {
      group,
      condition: new SubnetCondition(
        (rule) => rule.sourceSubnets,
        (packet) => packet.client.address,
        WEIGHT.fromSubnet,
      ),
    },
    {
      group,
      condition: new ZoneCondition(
        (rule) => rule.from,
        (packet) => packet.clientZone,
        WEIGHT.fromZone,
      ),
    },
  ];
}

function destinationLevels(): readonly Level[] {
  const group = 'destination';
  return [
    {
      group,
      condition: new SubnetCondition(
        (rule) => rule.destinationSubnets,
        (packet) => packet.local.address,
        WEIGHT.toSubnet,
      ),
    },
    {
      group,
      condition: new ValueCondition(
        (rule) => rule.destinationInterfaces,
        (packet) => ownInterface(packet)?.name,
        WEIGHT.toInterface,
      ),
    },
    {
      group,
      condition: new ValueCondition(
        (rule) => rule.destinationInterfaceGroups,
        (packet) => ownInterface(packet)?.group,
        WEIGHT.toInterfaceGroup,
      ),
    },
    {
      group,
      condition: new ZoneCondition(
        (rule) => rule.to,
        (packet) => packet.destinationZone,
        WEIGHT.toZone,
      ),
    },
  ];
}

function message({ protocol, icmp }: Packet): Packet['icmp'] {
  return isIcmp(protocol) ? icmp : undefined;
}

function sourcePort({ protocol, client }: Packet): number | undefined {
  return hasPorts(protocol) ? client.port : undefined;
}

function port({ protocol, local }: Packet): number | undefined {
  return hasPorts(protocol) ? local.port : undefined;
}
