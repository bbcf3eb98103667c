// Listeners: they open TCP ports and pick the service for what arrives.

import { z } from 'zod';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare, showValue } from '../proxy/policy-fault.ts';
import { nameFaults, nameOf, objectOf, oneOrMore, socketAddress } from './fields.ts';
import type { AnyService } from './service.ts';
import type { IncomingInterface } from './packet.ts';
import { denyService } from './service.ts';
import type { Zone } from './zone.ts';

/** Where a listener listens: `'192.0.2.1:80'`, `'[::1]:80'`, or several. */
export type Bind = string | readonly string[];

/** Options that all listeners share. */
export interface ListenerOptions {
  /** Name in records and for `explain --listener`. Default: the first bind as text. */
  readonly name?: string;
  /** Length of the kernel's queue of connections not yet accepted. Default: 255, as in the original. */
  readonly backlog?: number;
}

/** One line of a zone listener: clients of this zone get this service. `'*'` stands for every client. */
export interface ZoneChoice {
  readonly from: Zone | '*';
  readonly service: AnyService;
}

/** One line of a client-server zone listener: clients of one zone going to another get this service. */
export interface ZonePairChoice extends ZoneChoice {
  readonly to: Zone | '*';
}

/** Options of the zone listeners. */
export interface ZoneListenerOptions<Choice> extends ListenerOptions {
  readonly services: readonly Choice[];
  /** Whether a line for a zone also covers the zones below it. Default: false. */
  readonly followParent?: boolean;
}

/** Options of `ruleListener`. */
export interface RuleListenerOptions extends ListenerOptions {
  /**
   * The interface by which connections come to this listener, and its group: for rules with `interfaces`. The system
   * does not say by which interface a connection came, so this is the administrator's word. Default: not known, and
   * then no rule that names interfaces matches.
   */
  readonly interface?: { readonly name: string; readonly group?: number };
}

/** Opens ports and picks a service: one, by zones, or by the rules of the policy. */
export interface Listener {
  readonly kind: 'listener';
  readonly type: 'plain' | 'zone' | 'cs-zone' | 'rule';
  readonly name: string;
  readonly binds: readonly SocketAddress[];
  readonly backlog: number;
  readonly choices: readonly ZonePairChoice[];
  readonly followParent: boolean;
  /** By which interface connections come, as far as the policy says it. */
  readonly incoming: IncomingInterface | undefined;
}

const anyService = objectOf<AnyService>(
  ['service', 'deny-service'],
  'give a service made by service() or denyService()',
);
const zoneOrAll = z.union([z.literal('*'), objectOf<Zone>(['zone'], '')], {
  error: 'give a zone made by zone(), or "*" for all',
});
const shared = {
  name: z.string({ error: 'give a text' }).optional(),
  backlog: z
    .int({ error: 'give a whole number, 1 to 65535' })
    .min(1, { error: 'give a whole number, 1 to 65535' })
    .max(65_535, { error: 'give a whole number, 1 to 65535' })
    .default(255),
};
const MAX_INTERFACE_NAME = 15; // IFNAMSIZ of Linux, with the byte that ends it
const MAX_GROUP = 0xffff_ffff; // groups of interfaces are 32-bit numbers

const followParent = z.boolean({ error: 'give true or false' }).default(false);
const NO_LINES = 'give at least one line: a listener without a service refuses everything';

const serviceSchema = z.strictObject({ service: anyService });
const plainSchema = z.strictObject(shared);
const zoneSchema = z.strictObject({
  ...shared,
  followParent,
  services: z
    .array(z.strictObject({ from: zoneOrAll, service: anyService }), {
      error: 'give a list of lines such as { from: intranet, service: web }',
    })
    .min(1, { error: NO_LINES }),
});
const pairSchema = z.strictObject({
  ...shared,
  followParent,
  services: z
    .array(z.strictObject({ from: zoneOrAll, to: zoneOrAll, service: anyService }), {
      error: 'give a list of lines such as { from: intranet, to: internet, service: web }',
    })
    .min(1, { error: NO_LINES }),
});
const ruleSchema = z.strictObject({
  ...shared,
  interface: z
    .strictObject(
      {
        name: z.string({ error: 'give a name, such as "eth0"' }).min(1).max(MAX_INTERFACE_NAME),
        group: z.int().min(0).max(MAX_GROUP).default(0),
      },
      { error: 'give the interface as an object, such as { name: "eth0", group: 0 }' },
    )
    .optional(),
});
const bindSchema = z.strictObject({
  bind: oneOrMore(
    socketAddress,
    'give an address and a port, such as "192.0.2.1:80" or "[::1]:80", or a list of them',
  ),
});
const NOWHERE = { bind: '127.0.0.1:1' };

/**
 * Starts one service for everything that arrives.
 * @example listener('127.0.0.1:8080', web, { name: 'explicit-proxy' });
 */
export function listener(bind: Bind, service: AnyService, options: ListenerOptions = {}): Listener {
  const { settings, faults } = checkSettings(plainSchema, options, {});
  const chosen = checkSettings(serviceSchema, { service }, { service: NO_SERVICE });
  const choices = [{ from: '*' as const, to: '*' as const, service: chosen.settings.service }];
  const all = [...chosen.faults, ...faults];
  return make(bind, listener, all, { ...settings, type: 'plain', choices, followParent: false });
}

/**
 * Picks the service by the zone of the client; the nearest line wins.
 * @example zoneListener('192.0.2.1:80', { services: [{ from: intranet, service: web }, { from: '*', service: refuse }] });
 */
export function zoneListener(bind: Bind, options: ZoneListenerOptions<ZoneChoice>): Listener {
  const { settings, faults } = checkSettings(zoneSchema, options, FALLBACK);
  const choices = settings.services.map((line) => ({ ...line, to: '*' as const }));
  return make(bind, zoneListener, faults, { ...settings, type: 'zone', choices });
}

/**
 * Picks the service by the zones of the client and of its original destination; the nearest client zone wins, then the
 * nearest server zone.
 * @example csZoneListener('192.0.2.1:80', { services: [{ from: intranet, to: dmz, service: web }] });
 */
export function csZoneListener(bind: Bind, options: ZoneListenerOptions<ZonePairChoice>): Listener {
  const { settings, faults } = checkSettings(pairSchema, options, PAIR_FALLBACK);
  return make(bind, csZoneListener, faults, {
    ...settings,
    type: 'cs-zone',
    choices: settings.services,
  });
}

/**
 * Asks the rules of the policy: of all that match, the most specific names the service.
 * @example ruleListener('192.0.2.1:80', { name: 'outside' });
 */
export function ruleListener(bind: Bind, options: RuleListenerOptions = {}): Listener {
  const { settings, faults } = checkSettings(ruleSchema, options, {});
  const none = { type: 'rule', choices: [], followParent: false } as const;
  return make(bind, ruleListener, faults, { ...settings, ...none });
}

/** Stands in for the service of a faulty line, which is then left out. */
const NO_SERVICE = denyService('none');
const FALLBACK = { services: [{ from: '*' as const, service: NO_SERVICE }] };
const PAIR_FALLBACK = { services: [{ from: '*' as const, to: '*' as const, service: NO_SERVICE }] };

interface ListenerSettings {
  readonly type: Listener['type'];
  readonly name?: string | undefined;
  readonly backlog: number;
  readonly choices: readonly ZonePairChoice[];
  readonly followParent: boolean;
  readonly interface?: { readonly name: string; readonly group: number } | undefined;
}

function make(
  bind: Bind,
  factory: (...parameters: never[]) => unknown,
  faults: readonly Fault[],
  settings: ListenerSettings,
): Listener {
  const bound = checkSettings(bindSchema, { bind }, NOWHERE);
  const binds = bound.faults.length > 0 ? [] : bound.settings.bind;
  const choices = settings.choices.filter((line) => line.service !== NO_SERVICE);
  const all = [...bound.faults, ...faults, ...repeatedLines(choices)];
  const name = settings.name;
  if (name !== undefined) all.push(...nameFaults(name));
  const made: Listener = {
    kind: 'listener',
    type: settings.type,
    name: nameOf(name ?? (binds.length === 0 ? bind : String(binds[0]))),
    binds,
    backlog: settings.backlog,
    choices: Object.freeze(choices.map((line) => Object.freeze(line))),
    followParent: settings.followParent,
    incoming:
      settings.interface === undefined
        ? undefined
        : { ...settings.interface, addresses: binds.map(({ address }) => address) },
  };
  return declare(made, factory, all);
}

/** A second line for the same zones could never win. */
function repeatedLines(choices: readonly ZonePairChoice[]): readonly Fault[] {
  return choices.flatMap((line, index) => {
    const first = choices.findIndex((other) => other.from === line.from && other.to === line.to);
    if (first === index) return [];
    const zones = `${showValue(line.from)} to ${showValue(line.to)}`;
    const cure = `remove it: line ${String(first)} is for the same zones`;
    return [{ path: `services[${String(index)}]`, value: zones, cure }];
  });
}

/** One line in English: where this listener listens and what it starts. */
export function explainListener(listener: Listener): string {
  if (listener.type === 'rule') {
    const by = listener.incoming === undefined ? '' : `, by interface ${listener.incoming.name}`;
    return `listens on ${listener.binds.join(', ')}${by}; asks the rules`;
  }
  const below = listener.followParent ? ' (and zones below)' : '';
  const lines = listener.choices.map((line) => explainLine(listener, line)).join(', ');
  return `listens on ${listener.binds.join(', ')}; starts ${lines}${below}`;
}

function explainLine(listener: Listener, line: ZonePairChoice): string {
  if (listener.type === 'plain') return line.service.name;
  return `${line.service.name} for ${explainChoice(line)}`;
}

/** The zones of a line: `intranet to internet`. */
export function explainChoice(line: ZonePairChoice): string {
  return `${zoneName(line.from)} to ${zoneName(line.to)}`;
}

function zoneName(zone: Zone | '*'): string {
  return zone === '*' ? '*' : zone.name;
}
