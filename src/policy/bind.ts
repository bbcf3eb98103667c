// Where a listener listens, as a policy writes it.

import { z } from 'zod';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings } from '../proxy/policy-fault.ts';
import { oneOrMore, socketAddress } from './fields.ts';

/** Where a listener listens: `'192.0.2.1:80'`, `'[::1]:80'`, or several. */
export type Bind = string | readonly string[];

const bindSchema = z.strictObject({
  bind: oneOrMore(
    socketAddress,
    'give an address and a port, such as "192.0.2.1:80" or "[::1]:80", or a list of them',
  ),
});
const NOWHERE = { bind: '127.0.0.1:1' };

/** The addresses of a bind; none of them where it is faulty. */
export interface CheckedBind {
  readonly binds: readonly SocketAddress[];
  readonly faults: readonly Fault[];
}

/** Reads a bind. */
export function checkBind(bind: Bind): CheckedBind {
  const { settings, faults } = checkSettings(bindSchema, { bind }, NOWHERE);
  return { binds: faults.length > 0 ? [] : settings.bind, faults };
}
