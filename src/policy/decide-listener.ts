// The listener of a decision: which one takes a connection, and whether it may come there at all.

import type { InterfaceTable } from '../address/interface-table.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Refusal } from '../proxy/engine.ts';
import type { ConnectionFacts } from './decision.ts';
import { refusalFor } from './decision.ts';
import type { Listener } from './make-listener.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import { listensOn, takesProtocol } from './own-address.ts';
import { listensByInterface } from './own-interfaces.ts';
import type { Policy } from './policy.ts';
import type { Trace } from './trace.ts';

/** What decides which listener takes a connection. */
export interface Arriving {
  /** The original destination. */
  readonly to: SocketAddress;
  /** IP protocol number. */
  readonly protocol: number;
  /** The interfaces of this machine; undefined: not known. */
  readonly interfaces: InterfaceTable | undefined;
}

/** Why a listener takes a connection, in the order in which they are asked. */
const WAYS: readonly (readonly [
  because: string,
  takes: (listener: Listener, arriving: Arriving) => boolean,
])[] = [
  ['it listens there', (listener, arriving) => !listener.transparent && isAt(listener, arriving)],
  [
    'the packet filter brings this port to it',
    ({ redirectPorts }, { to }) => redirectPorts?.contains(to.port) === true,
  ],
  [
    'it listens there',
    (listener, { to }) => !listener.transparent && listensOn(listener, to, to.address),
  ],
  ['the packet filter brings to it what no other listener takes', ({ isHidden }) => isHidden],
];

/** Whether an address is surely one at which a listener listens itself. */
function isAt(listener: Listener, { to, interfaces }: Arriving): boolean {
  return listensOn(listener, to, undefined) || listensByInterface(listener, to, interfaces);
}

/** A listener, and why it takes a connection. */
export interface ListenerMatch {
  readonly listener: Listener;
  readonly because: string;
}

/**
 * The listener that takes a connection: one that surely has its address, a transparent one to which its port is
 * redirected, one on all addresses, and then the hidden one of the rules.
 */
export function listenerFor(
  listeners: readonly Listener[],
  arriving: Arriving,
): ListenerMatch | undefined {
  const able = listeners.filter((one) => takesProtocol(one, arriving.protocol));
  for (const [because, takes] of WAYS) {
    const listener = able.find((one) => takes(one, arriving));
    if (listener !== undefined) return { listener, because };
  }
  return undefined;
}

/** The listener that accepted a connection, or the one of the instance that would. */
export function findListener(
  policy: Policy,
  facts: ConnectionFacts,
  trace: Trace,
): Listener | undefined {
  const check = 'listener';
  if (facts.listener !== undefined) {
    const because = 'it accepted the connection';
    trace.push({ check, outcome: 'chosen', subject: facts.listener, because });
    return facts.listener;
  }
  const value = facts.local;
  const listeners = policy.instances.get(facts.instance) ?? [];
  const protocol = facts.protocol ?? PROTOCOL_NUMBERS.tcp;
  const { interfaces } = facts;
  const match = listenerFor(listeners, { to: value, protocol, interfaces });
  for (const subject of listeners) {
    if (subject === match?.listener) {
      trace.push({ check, outcome: 'chosen', subject, because: match.because, value });
      return subject;
    }
    const because = takesProtocol(subject, protocol)
      ? 'it listens elsewhere'
      : 'it takes another protocol';
    trace.push({ check, outcome: 'skipped', subject, because, value });
  }
  return undefined;
}

/**
 * Loop guard: what is meant for a transparent listener itself was meant for nobody else, and a transparent router would
 * lead it back here. @returns the refusal, if it is.
 */
export function checkDirect(
  subject: Listener,
  { local: to, interfaces }: ConnectionFacts,
  trace: Trace,
): Refusal | undefined {
  const protocol = PROTOCOL_NUMBERS[subject.protocol];
  if (!subject.transparent || !isAt(subject, { to, protocol, interfaces })) return undefined;
  const because = 'the connection is meant for the transparent listener itself';
  trace.push({ check: 'listener', outcome: 'refused', subject, because, value: to });
  return LOOP;
}

const LOOP = refusalFor(
  'dispatch.loop',
  'A transparent listener takes only what is meant for others, and this is its own address',
);
