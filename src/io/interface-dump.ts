// Asks the kernel for all interfaces and addresses at once, and puts its answers together.

import type { GroupNames, InterfaceTable } from '../address/interface-table.ts';
import { readGroupNames } from './interface-groups.ts';
import type { Effect } from './interface-state.ts';
import { InterfaceState } from './interface-state.ts';
import { errorName } from './libc.ts';
import type { Libc } from './libc.ts';
import type { NetlinkMessage } from './netlink-message.ts';
import { dumpRequest, NetlinkError, parseNetlink } from './netlink-message.ts';
import { NetlinkSocket, unreadable } from './netlink-socket.ts';

// Interfaces that change while the kernel lists them make it begin again; this many times at once.
const MAX_TRIES = 8;

/** What is asked here of a socket. */
export type KernelTalk = Pick<NetlinkSocket, 'send' | 'receive'>;

/** What came of reading: nothing new, something new, or that the whole must be asked for again. */
type ReadEffect = 'none' | 'changed' | 'incomplete';

/** The interfaces of this machine now. Throws an Error that says what the system says. */
export function readInterfaces(libc: Libc, names: GroupNames = readGroupNames()): InterfaceTable {
  const socket = new NetlinkSocket(libc, 'answers');
  try {
    return dumpInterfaces(socket).table(names);
  } finally {
    socket.close();
  }
}

/**
 * Asks for everything and reads the answers, news in between included. The kernel has its answer ready when a request
 * has returned, so that nothing is waited for. Throws an Error when it cannot be had.
 */
export function dumpInterfaces(socket: KernelTalk): InterfaceState {
  for (let sequence = 1; sequence <= 2 * MAX_TRIES; sequence += 2) {
    const state = new InterfaceState();
    const isWhole =
      dumpOne(socket, state, 'links', sequence) &&
      dumpOne(socket, state, 'addresses', sequence + 1);
    if (isWhole) return state;
  }
  throw new Error('Cannot ask the kernel for interfaces: they change faster than it tells them');
}

/** Whether the answer was whole, and of one moment. */
function dumpOne(
  socket: KernelTalk,
  state: InterfaceState,
  what: 'links' | 'addresses',
  sequence: number,
): boolean {
  socket.send(dumpRequest(what, sequence));
  let isWhole = true;
  for (;;) {
    const received = socket.receive();
    if (received === 'nothing') return false;
    const messages = messagesOf(received);
    const effects = messages.map((message) => applyMessage(state, message));
    if (effects.includes('incomplete')) isWhole = false;
    if (messages.some((one) => isEndOf(one, sequence))) return isWhole;
  }
}

function isEndOf(message: NetlinkMessage, sequence: number): boolean {
  if (message.sequence !== sequence) return false;
  if (message.type === 'done' && message.errorNumber === 0) return true;
  if (message.type !== 'error' && message.type !== 'done') return false;
  throw unreadable(errorName(message.errorNumber));
}

/** Takes one message. */
function applyMessage(state: InterfaceState, message: NetlinkMessage): ReadEffect {
  if (message.isInterrupted || message.type === 'overrun') return 'incomplete';
  if (message.type !== 'link' && message.type !== 'address') return 'none';
  return EFFECTS[state.apply(message)];
}

const EFFECTS: Readonly<Record<Effect, ReadEffect>> = {
  none: 'none',
  changed: 'changed',
  lost: 'incomplete',
};

// What one turn of the loop reads at most, so that a storm of changes does not keep connections waiting.
const MAX_RECEIVES = 64;

/** Reads the news that have come; what is left over is read when the socket is readable again. Throws as above. */
export function readNews(socket: KernelTalk, state: InterfaceState): ReadEffect {
  let effect: ReadEffect = 'none';
  for (let count = 0; count < MAX_RECEIVES; count++) {
    const received = socket.receive();
    if (received === 'nothing') break;
    for (const message of messagesOf(received)) {
      const came = applyMessage(state, message);
      if (came === 'incomplete') return came;
      if (came === 'changed') effect = came;
    }
  }
  return effect;
}

const OVERRUN: NetlinkMessage = { type: 'overrun', sequence: 0, isInterrupted: false };

/** What was lost is an overrun, and so is what cannot be read: the whole is asked for again. */
function messagesOf(received: Uint8Array | 'lost'): readonly NetlinkMessage[] {
  if (received === 'lost') return [OVERRUN];
  try {
    return parseNetlink(received);
  } catch (error) {
    if (error instanceof NetlinkError) return [OVERRUN];
    throw error;
  }
}
