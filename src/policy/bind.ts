// Where a listener listens, as a policy writes it.

import { z } from 'zod';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings } from '../proxy/policy-fault.ts';
import { isKind, oneOrMore, socketAddress } from './fields.ts';
import type { InterfaceBind } from './interface-bind.ts';
import { showInterfaceBind } from './interface-bind.ts';

/** One place to listen: an address and a port, or a port on whatever addresses an interface has. */
export type BindItem = string | InterfaceBind;

/** Where a listener listens: `'192.0.2.1:80'`, `'[::1]:80'`, `interfaceBind('eth0', { port: 80 })`, or several. */
export type Bind = BindItem | readonly BindItem[];

const CURE =
  'give an address and a port, such as "192.0.2.1:80" or "[::1]:80", interfaceBind(), or a list of them';

/** An address, or what interfaceBind() made: not a copy, which nobody has checked. */
const bindItem = z
  .custom<BindItem>((value) => typeof value === 'string' || isInterfaceBind(value), {
    error: CURE,
  })
  .transform((item, context): SocketAddress | InterfaceBind => {
    if (typeof item !== 'string') return item;
    const read = socketAddress.safeParse(item);
    if (read.success) return read.data;
    for (const { message } of read.error.issues)
      context.issues.push({ code: 'custom', message: message + cureOfName(item), input: item });
    return z.NEVER;
  });

/** Words for somebody who wrote a port alone, or a name where an address belongs: `localhost`, or that of an interface. */
function cureOfName(item: string): string {
  const [, alone] = /^(?:\*?:)?(\d+)$/.exec(item) ?? [];
  if (alone !== undefined) return `, or 0.0.0.0:${alone} for all IPv4 addresses of this machine`;
  const [, name, port] = /^([a-z][\w.-]*):(\d+)$/i.exec(item) ?? [];
  if (name === undefined || port === undefined) return '';
  if (name.toLowerCase() === 'localhost')
    return `, or 127.0.0.1:${port} for clients of this machine alone`;
  return `, or interfaceBind(${JSON.stringify(name)}, { port: ${port} }) if this is an interface`;
}

const bindSchema = z.strictObject({ bind: oneOrMore(bindItem, CURE) });
const NOWHERE = { bind: '127.0.0.1:1' };

/** The addresses of a bind, and what it follows; nothing of it where it is faulty. */
export interface CheckedBind {
  readonly binds: readonly SocketAddress[];
  readonly follows: readonly InterfaceBind[];
  /** The first of all as text; undefined where it is faulty. */
  readonly first: string | undefined;
  readonly faults: readonly Fault[];
}

/** Reads a bind. */
export function checkBind(bind: Bind): CheckedBind {
  const { settings, faults } = checkSettings(bindSchema, { bind }, NOWHERE);
  if (faults.length > 0) return { binds: [], follows: [], first: undefined, faults };
  const items: readonly (SocketAddress | InterfaceBind)[] = settings.bind;
  return {
    binds: Object.freeze(items.flatMap((item) => ('kind' in item ? [] : [item]))),
    follows: Object.freeze(items.flatMap((item) => ('kind' in item ? [item] : []))),
    first: items.map(showBindItem)[0],
    faults,
  };
}

function showBindItem(item: SocketAddress | InterfaceBind): string {
  return 'kind' in item ? showInterfaceBind(item) : String(item);
}

/** All places of a listener as texts. */
export function showBinds({
  binds,
  follows,
}: Pick<CheckedBind, 'binds' | 'follows'>): readonly string[] {
  return [...binds, ...follows].map(showBindItem);
}

function isInterfaceBind(value: unknown): value is InterfaceBind {
  return isKind(value, ['interface-bind']);
}
