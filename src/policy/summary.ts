// A policy on one screen, for `zorp check`.

import { showSource, sourceOf } from '../proxy/source-location.ts';
import { explainListener } from './explain-listener.ts';
import type { Policy } from './policy.ts';
import { explainService } from './service.ts';
import { alignColumns, terminalText } from './terminal-text.ts';
import { explainZone } from './zone.ts';

/** One object of a policy: its name, its place and one line in English. */
export interface SummaryLine {
  readonly name: string;
  /** `file:line`. */
  readonly source: string;
  readonly explain: string;
}

/** What a policy holds: plain data, ready for JSON. */
export interface PolicySummary {
  readonly counts: Readonly<
    Record<'zones' | 'subnets' | 'hostnames' | 'instances' | 'listeners' | 'services', number>
  >;
  readonly zones: readonly SummaryLine[];
  readonly listeners: readonly (SummaryLine & { readonly instance: string })[];
  readonly services: readonly SummaryLine[];
}

/** Sums up a policy. */
export function summarizePolicy(policy: Policy): PolicySummary {
  const zones = policy.zones.map((zone) => lineOf(zone, explainZone(zone, policy.lists.get(zone))));
  const listeners = [...policy.instances].flatMap(([instance, members]) =>
    members.map((listener) => ({ instance, ...lineOf(listener, explainListener(listener)) })),
  );
  const services = policy.services.map((service) => lineOf(service, explainService(service)));
  const counts = {
    zones: zones.length,
    subnets: policy.zoneTree.size,
    hostnames: policy.hostnames.size,
    instances: policy.instances.size,
    listeners: listeners.length,
    services: services.length,
  };
  return { counts, zones, listeners, services };
}

function lineOf(thing: { readonly name: string }, explain: string): SummaryLine {
  return { name: thing.name, source: showSource(sourceOf(thing)), explain };
}

const MOST_LINES = 12; // of each kind: three kinds and their headings fit on a screen

/** A summary as text: at most a screen, the beginning of each kind where a policy is larger. */
export function summaryText({ counts, zones, listeners, services }: PolicySummary): string {
  const { subnets, hostnames, instances } = counts;
  const names = hostnames === 0 ? '' : `, ${counted(hostnames, 'host name')}`;
  return [
    ...section(`${counted(zones.length, 'zone')}, ${counted(subnets, 'subnet')}${names}`, zones),
    ...section(
      `${counted(listeners.length, 'listener')} in ${counted(instances, 'instance')}`,
      listeners,
    ),
    ...section(counted(services.length, 'service'), services),
  ].join('\n');
}

function section(heading: string, lines: readonly SummaryLine[]): readonly string[] {
  const shown = lines.slice(0, MOST_LINES);
  const rows = shown.map(({ name, explain, source }) => [`  ${name}`, explain, source]);
  const more = lines.length - shown.length;
  const safe = rows.map((row) => row.map(terminalText));
  return [heading, ...alignColumns(safe), ...(more > 0 ? [`  ... and ${String(more)} more`] : [])];
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
