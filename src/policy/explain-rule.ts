// Rules in words, one line each.

import { showProtocol } from './ip-protocol.ts';
import type { Rule } from './rule.ts';

const MOST_SHOWN = 8; // alternatives of one condition in a line: a rule may have hundreds, the line must stay one

/** One line in English: the conditions of a rule, and what it starts. */
export function explainRule(rule: Rule): string {
  const conditions = [
    condition('in through', [
      ...labelled('interface', rule.interfaces),
      ...labelled('interface group', rule.interfaceGroups),
      ...labelled('IPsec request', rule.requestIds),
    ]),
    condition('', rule.protocols.map(showProtocol)),
    condition('ICMP type', rule.icmpTypes),
    condition('ICMP code', rule.icmpCodes),
    condition('from', [...rule.from.map((zone) => zone.name), ...rule.sourceSubnets]),
    condition('from port', rule.sourcePorts?.ranges ?? []),
    condition('to', destinations(rule)),
    condition('to port', rule.ports?.ranges ?? []),
  ].filter((text) => text !== '');
  const when = conditions.length === 0 ? 'anything' : conditions.join(', ');
  return `${when}: ${explainStart(rule)}`;
}

function destinations(rule: Rule): readonly unknown[] {
  return [
    ...rule.to.map((zone) => zone.name),
    ...rule.destinationSubnets,
    ...labelled('an address of interface', rule.destinationInterfaces),
    ...labelled('an address of interface group', rule.destinationInterfaceGroups),
  ];
}

function labelled(label: string, values: readonly unknown[]): readonly string[] {
  return values.map((value) => `${label} ${String(value)}`);
}

function condition(label: string, alternatives: readonly unknown[]): string {
  if (alternatives.length === 0) return '';
  const shown = alternatives.slice(0, MOST_SHOWN).map(String);
  const rest = alternatives.length - shown.length;
  if (rest > 0) shown.push(`${String(rest)} others`);
  return `${label} ${shown.join(' or ')}`.trimStart();
}

function explainStart({ service, detect }: Rule): string {
  if (detect.length === 0) return `starts ${service?.name ?? 'nothing'}`;
  const lines = detect.map(({ detector, service: one }) => `${one.name} for ${detector.name}`);
  return `starts ${lines.join(', ')}, otherwise ${service?.name ?? 'nothing'}`;
}
