// Binds that follow a network interface, or a group of them: whatever addresses these have, now and later.

import { z } from 'zod';
import type { AddressFamily, IpAddress } from '../address/ip-address.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare, showValue } from '../proxy/policy-fault.ts';
import { ipAddress } from './fields.ts';
import { INTERFACE_NAME, MAX_WORD } from './rule-fields.ts';

/** Options of `interfaceGroupBind`. */
export interface InterfaceGroupBindOptions {
  /** The port on each address, 1 to 65535. */
  readonly port: number;
  /** Addresses of which family. Default: `'ipv4'`. */
  readonly family?: AddressFamily;
}

/** Options of `interfaceBind`. */
export interface InterfaceBindOptions extends InterfaceGroupBindOptions {
  /** Only this address of the interface; `family` is its family then. Default: all of them. */
  readonly address?: string;
}

/** A port on the addresses that an interface or a group of interfaces has, as long as these are up. */
export interface InterfaceBind {
  readonly kind: 'interface-bind';
  readonly type: 'interface' | 'group';
  /** The name of the interface or group; a group that is given as a number has that. */
  readonly name: string;
  /** The number of the group; undefined for interfaces, and for a group whose name the machine must know. */
  readonly group: number | undefined;
  readonly port: number;
  readonly family: AddressFamily;
  /** The only address that counts; undefined: all. */
  readonly address: IpAddress | undefined;
}

const PORT_CURE = 'give a port, 1 to 65535: the same on each address';
const groupFields = {
  port: z.int({ error: PORT_CURE }).min(1, { error: PORT_CURE }).max(65_535, { error: PORT_CURE }),
  family: z.enum(['ipv4', 'ipv6'], { error: 'give "ipv4" or "ipv6"' }).optional(),
};
const groupSchema = z.strictObject(groupFields);
registerOptions('interfaceGroupBind', groupSchema);
const interfaceSchema = z.strictObject({ ...groupFields, address: ipAddress.optional() });
registerOptions('interfaceBind', interfaceSchema);
const FALLBACK = { port: 1 };

/**
 * A bind for a listener or receiver that follows an interface: it listens on every address that the interface has, as they
 * come and go, as long as it is up. Sessions go on when their address goes.
 * @example listener(interfaceBind('eth0', { port: 8080 }), web);
 */
export function interfaceBind(name: string, options: InterfaceBindOptions): InterfaceBind {
  const { settings, faults } = checkSettings(interfaceSchema, options, FALLBACK);
  const { port, address } = settings;
  const family = settings.family ?? address?.family ?? 'ipv4';
  const all = [...nameFault(name), ...faults];
  if (address !== undefined && address.family !== family) {
    const cure = `give an address of ${family}, or leave out the family`;
    all.push({ path: 'address', value: showValue(String(address)), cure });
  }
  const made = { name: textOf(name), group: undefined, port, family, address };
  return declare(
    { kind: 'interface-bind', type: 'interface', ...made } as const,
    interfaceBind,
    all,
  );
}

/**
 * The same for all interfaces of a group, by its number or by its name in the file `/etc/iproute2/group` of the machine.
 * @example listener([interfaceGroupBind('dmz', { port: 8080 }), '127.0.0.1:8080'], web);
 */
export function interfaceGroupBind(
  group: number | string,
  options: InterfaceGroupBindOptions,
): InterfaceBind {
  const { settings, faults } = checkSettings(groupSchema, options, FALLBACK);
  const { port, family = 'ipv4' } = settings;
  const number = groupNumber(group);
  const all = [...groupFault(group, number), ...faults];
  const name = typeof group === 'number' ? String(group) : textOf(group);
  const made = { name, group: number, port, family, address: undefined };
  return declare(
    { kind: 'interface-bind', type: 'group', ...made } as const,
    interfaceGroupBind,
    all,
  );
}

function textOf(name: unknown): string {
  return typeof name === 'string' ? name : showValue(name);
}

function nameFault(name: unknown): readonly Fault[] {
  if (typeof name === 'string' && INTERFACE_NAME.test(name)) return [];
  const cure =
    'give the name of an interface, such as "eth0": at most 15 characters, without "/", ":" or spaces';
  return [{ path: 'name', value: showValue(name), cure }];
}

const NUMBER = /^(?:0x[0-9a-f]+|[0-9]+)$/i;

/** The number that stands for a group as such; undefined for a name. */
function groupNumber(group: unknown): number | undefined {
  if (typeof group === 'number') return group;
  return typeof group === 'string' && NUMBER.test(group) ? Number(group) : undefined;
}

const GROUP_NAME = /^[^\s#]{1,63}$/; // as the file can have it: a number, a name, perhaps a comment

function groupFault(group: unknown, number: number | undefined): readonly Fault[] {
  const isRight =
    number === undefined
      ? typeof group === 'string' && GROUP_NAME.test(group)
      : Number.isInteger(number) && number >= 0 && number <= MAX_WORD;
  if (isRight) return [];
  const cure = `give a group: a number of 0 to ${MAX_WORD}, or its name, such as "dmz"`;
  return [{ path: 'group', value: showValue(group), cure }];
}

/** What is followed and at which port, as short as an address: `eth0:80`, `eth0/ipv6:80`, `eth0/192.0.2.1:80`, `group-dmz:80`. */
export function showInterfaceBind({ type, name, port, family, address }: InterfaceBind): string {
  const what = type === 'group' ? `group-${name}` : name;
  const which = address ?? (family === 'ipv6' ? family : undefined);
  return which === undefined ? `${what}:${port}` : `${what}/${String(which)}:${port}`;
}
