// Listeners that ask the rules: at addresses of this machine, or hidden, where the packet filter brings to them all that
// the rules give to proxies.

import { z } from 'zod';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare, redeclare } from '../proxy/policy-fault.ts';
import type { Bind } from './bind.ts';
import { nameFaults, nameOf } from './fields.ts';
import type { ListenerOptions, ReceiverOptions } from './listener-options.ts';
import { listenerFields, receiverFields } from './listener-options.ts';
import type { Listener } from './make-listener.ts';
import { makeListener } from './make-listener.ts';

/** Options of the hidden listener of the rules: `ruleListener()` without a bind. */
export type HiddenListenerOptions = Pick<ListenerOptions, 'name' | 'backlog'> &
  Pick<ReceiverOptions, 'maxSessions' | 'receiveBufferBytes'>;

/** Options of `ruleListener` with a bind. */
export interface RuleListenerOptions extends ListenerOptions {
  /**
   * The interface by which connections come to this listener, and its group: for rules with `interfaces`. It is the
   * administrator's word. Default: not known, and then no rule that names interfaces matches.
   */
  readonly interface?: { readonly name: string; readonly group?: number };
}

const MAX_INTERFACE_NAME = 15; // IFNAMSIZ of Linux, with the byte that ends it
const MAX_GROUP = 0xffff_ffff; // groups of interfaces are 32-bit numbers

const { name, backlog } = listenerFields;
const { maxSessions, receiveBufferBytes } = receiverFields;
const hiddenSchema = z.strictObject({ name, backlog, maxSessions, receiveBufferBytes });
const boundSchema = z.strictObject({
  ...listenerFields,
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
registerOptions('ruleListener', boundSchema);

/**
 * Asks the rules of the policy: of all that match, the most specific names the service. Without a bind it is the hidden
 * listener of the rules, to which the packet filter of `zorp nft` brings whatever a rule gives to a proxy.
 * @example ruleListener('192.0.2.1:80', { name: 'outside' });
 */
export function ruleListener(options?: HiddenListenerOptions): Listener;
export function ruleListener(bind: Bind, options?: RuleListenerOptions): Listener;
export function ruleListener(
  bind?: Bind | HiddenListenerOptions,
  options: RuleListenerOptions = {},
): Listener {
  if (bind === undefined || isOptions(bind)) return makeHidden(bind ?? {});
  const { settings, faults } = checkSettings(boundSchema, options, {});
  const none = { type: 'rule', choices: [], followParent: false } as const;
  const kind = { factory: ruleListener, protocol: 'tcp' } as const;
  return makeListener(kind, bind, { ...none, settings, by: settings.interface, faults });
}

function isOptions(bind: Bind | HiddenListenerOptions): bind is HiddenListenerOptions {
  return typeof bind === 'object' && !Array.isArray(bind) && !('kind' in bind);
}

const HIDDEN_NAME = 'rules';

function makeHidden(options: HiddenListenerOptions): Listener {
  const checked = checkSettings(hiddenSchema, options, {});
  const { settings } = checked;
  const faults = checked.faults.map(needsBind);
  const { name: given = HIDDEN_NAME, backlog: length, ...datagrams } = settings;
  const made: Listener = {
    kind: 'listener',
    type: 'rule',
    protocol: 'tcp',
    name: nameOf(given),
    binds: [], // definePolicy knows the port
    follows: [],
    backlog: length,
    datagrams: Object.freeze(datagrams),
    choices: [],
    followParent: false,
    incoming: undefined,
    transparent: true,
    redirectPorts: undefined,
    divertedBy: 'tproxy',
    isHidden: true,
    proxyProtocol: undefined,
  };
  return declare(made, ruleListener, [...faults, ...nameFaults(given)]);
}

/** The hidden listener at the port that the policy has for it. */
export function bindHidden(hidden: Listener, port: number): Listener {
  const binds = Object.freeze(LOOPBACKS.map((address) => SocketAddress.of(address, port)));
  return redeclare({ ...hidden, binds }, hidden);
}

const LOOPBACKS = [IpAddress.parse('127.0.0.1'), IpAddress.parse('::1')];

/** Most options are those of a listener that has an address of its own. */
function needsBind(fault: Fault): Fault {
  const { path } = fault;
  if (Object.hasOwn(hiddenSchema.shape, path) || !Object.hasOwn(boundSchema.shape, path))
    return fault;
  return {
    ...fault,
    cure: `give a bind before it: ruleListener('192.0.2.1:80', { ${path}: ... })`,
  };
}
