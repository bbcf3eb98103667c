// What a listener is, and how listeners for each protocol are made: a few lines for each.

import type { z } from 'zod';
import type { PortSet } from '../address/port-range.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare, showValue } from '../proxy/policy-fault.ts';
import type { Bind, CheckedBind } from './bind.ts';
import { checkBind } from './bind.ts';
import { nameFaults, nameOf } from './fields.ts';
import type { InterfaceBind } from './interface-bind.ts';
import type {
  DatagramBounds,
  Diversion,
  ReceivingSettings,
  ZoneChoice,
  ZonePairChoice,
} from './listener-options.ts';
import { DATAGRAM_BOUNDS, serviceSchema } from './listener-options.ts';
import type { IncomingInterface } from './packet.ts';
import type { ProxyProtocol } from './proxy-protocol.ts';
import type { AnyService } from './service.ts';
import { denyService } from './service.ts';
import type { Zone } from './zone.ts';

/** Opens ports and picks a service for what arrives: one, by zones, or by the rules of the policy. */
export interface Listener {
  readonly kind: 'listener';
  readonly type: 'plain' | 'zone' | 'cs-zone' | 'rule';
  readonly protocol: 'tcp' | 'udp';
  readonly name: string;
  /** Where it listens; empty for the hidden listener of the rules until `definePolicy` has given it its port. */
  readonly binds: readonly SocketAddress[];
  /** On whose addresses it listens, too, whatever these are. */
  readonly follows: readonly InterfaceBind[];
  /** 0 for one that takes datagrams only. */
  readonly backlog: number;
  /** How many datagrams may come and wait; those of a listener that takes none bound nothing. */
  readonly datagrams: DatagramBounds;
  readonly choices: readonly ZonePairChoice[];
  readonly followParent: boolean;
  /** By which interface connections come, as far as the policy says it. */
  readonly incoming: IncomingInterface | undefined;
  /** Takes what is meant for others; its own address is no destination. */
  readonly transparent: boolean;
  /** The ports of others that the generated packet filter brings here; undefined: none. */
  readonly redirectPorts: PortSet | undefined;
  readonly divertedBy: Diversion;
  /** The listener of the rules to which the packet filter brings all that a rule gives to a proxy. */
  readonly isHidden: boolean;
  /** Whose connections begin with a PROXY header; undefined: nobody's. */
  readonly proxyProtocol: ProxyProtocol | undefined;
}

/** A function of the policy that makes listeners. */
export interface ListenerKind<Settings = ReceivingSettings> {
  readonly factory: (...parameters: never[]) => unknown;
  readonly protocol: Listener['protocol'];
  readonly schema: z.ZodType<Settings>;
}

/** Checked options of a listener with lines for zones; without `to` a line is for all destinations. */
export interface ZoneSettings extends ReceivingSettings {
  readonly followParent: boolean;
  readonly services: readonly (ZoneChoice & { readonly to?: Zone | '*' })[];
}

/** Makes a listener with one service for everything. */
export function makePlainListener(
  kind: ListenerKind,
  bind: Bind,
  service: AnyService,
  options: unknown,
): Listener {
  const { settings, faults } = checkSettings(kind.schema, options, {});
  const chosen = checkSettings(serviceSchema, { service }, { service: NO_SERVICE });
  const choices = [{ from: '*' as const, to: '*' as const, service: chosen.settings.service }];
  const lines = { type: 'plain', choices, followParent: false } as const;
  return makeListener(kind, bind, { ...lines, settings, faults: [...chosen.faults, ...faults] });
}

/** Makes a listener with lines for zones. */
export function makeZoneListener(
  kind: ListenerKind<ZoneSettings>,
  type: 'zone' | 'cs-zone',
  bind: Bind,
  options: unknown,
): Listener {
  const { settings, faults } = checkSettings(kind.schema, options, FALLBACKS[type]);
  const choices = settings.services.map(({ from, to = '*', service }) => ({ from, to, service }));
  const { followParent } = settings;
  return makeListener(kind, bind, { type, choices, followParent, settings, faults });
}

/** Stands in for the service of a faulty line, which is then left out. */
const NO_SERVICE = denyService('none');
const FALLBACKS = {
  zone: { services: [{ from: '*' as const, service: NO_SERVICE }] },
  'cs-zone': { services: [{ from: '*' as const, to: '*' as const, service: NO_SERVICE }] },
};

/** What a listener is made of. */
export interface ListenerParts {
  readonly type: Listener['type'];
  readonly settings: ReceivingSettings;
  readonly choices: readonly ZonePairChoice[];
  readonly followParent: boolean;
  /** By which interface connections come, if the policy says it. */
  readonly by?: { readonly name: string; readonly group: number } | undefined;
  readonly faults: readonly Fault[];
}

/** Makes a listener of what a function of the policy was given. */
export function makeListener(
  { factory, protocol }: Pick<ListenerKind, 'factory' | 'protocol'>,
  bind: Bind,
  parts: ListenerParts,
): Listener {
  const bound = checkBind(bind);
  const { binds, follows } = bound;
  const { settings, type, by, followParent } = parts;
  const choices = parts.choices.filter((line) => line.service !== NO_SERVICE);
  const faults = [...bound.faults, ...parts.faults, ...repeatedLines(choices)];
  const { name, transparent, redirectPorts } = settings;
  if (name !== undefined) faults.push(...nameFaults(name));
  if (parts.faults.length === 0)
    faults.push(...diversionFaults(settings), ...redirectFaults(bound, settings));
  const made: Listener = {
    kind: 'listener',
    type,
    protocol,
    name: nameOf(name ?? defaultName(bound, protocol) ?? bind),
    binds,
    follows,
    backlog: settings.backlog ?? 0,
    datagrams: datagramBounds(settings),
    choices: Object.freeze(choices.map((line) => Object.freeze(line))),
    followParent,
    incoming:
      by === undefined ? undefined : { ...by, addresses: binds.map(({ address }) => address) },
    transparent,
    redirectPorts,
    divertedBy: settings.divertedBy ?? 'tproxy',
    isHidden: false,
    proxyProtocol: settings.proxyProtocol,
  };
  return declare(made, factory, faults);
}

/** The first bind: a TCP and a UDP port of the same number have different names. */
function defaultName({ first }: CheckedBind, protocol: Listener['protocol']): string | undefined {
  if (first === undefined) return undefined;
  return protocol === 'udp' ? `${first}/udp` : first;
}

function datagramBounds({ maxSessions, receiveBufferBytes }: ReceivingSettings): DatagramBounds {
  if (maxSessions === undefined || receiveBufferBytes === undefined) return DATAGRAM_BOUNDS;
  return Object.freeze({ maxSessions, receiveBufferBytes });
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

/** The packet filter brings connections to an address that stays. */
function redirectFaults(
  { binds, follows }: CheckedBind,
  { redirectPorts }: ReceivingSettings,
): readonly Fault[] {
  if (redirectPorts === undefined || binds.length > 0 || follows.length === 0) return [];
  const cure =
    'add an address to the bind, such as "127.0.0.1:50081": the packet filter brings connections there, and not to what comes and goes';
  return [{ path: 'redirectPorts', value: showValue(String(redirectPorts)), cure }];
}

/** What only a transparent listener can have, and only one that `zorp nft` serves. */
function diversionFaults(settings: ReceivingSettings): readonly Fault[] {
  const { transparent, redirectPorts, divertedBy } = settings;
  const cure = 'add transparent: true, or remove it: other listeners take what is meant for them';
  const ports = { path: 'redirectPorts', value: showValue(String(redirectPorts)) };
  const found: Fault[] = [];
  if (!transparent && redirectPorts !== undefined) found.push({ ...ports, cure });
  if (!transparent && divertedBy !== undefined)
    found.push({ path: 'divertedBy', value: showValue(divertedBy), cure });
  if (transparent && redirectPorts !== undefined && divertedBy === 'redirect')
    found.push({
      ...ports,
      cure: 'remove it, or divertedBy: zorp nft brings connections by tproxy',
    });
  return found;
}
