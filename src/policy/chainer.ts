// Chainers: how the server connection is made, and which of several servers it goes to.

import { z } from 'zod';
import type { SocketAddress } from '../address/socket-address.ts';
import type { ProxyFactory } from '../proxy/engine.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { milliseconds } from './fields.ts';

/** What all chainers have. */
export interface ChainerOptions {
  /** How long a connection attempt may take. Default: 30 000 ms, as in the original. */
  readonly timeoutConnectMs?: number;
}

/** Options of `connectChainer`. */
export type ConnectChainerOptions = ChainerOptions;

/** Connects to the first server only. */
export interface ConnectChainer {
  readonly kind: 'chainer';
  readonly type: 'connect';
  readonly timeoutConnectMs: number;
}

/** Goes through all servers in turn, and remembers nothing. */
export interface MultiTargetChainer {
  readonly kind: 'chainer';
  readonly type: 'multi-target';
  readonly timeoutConnectMs: number;
}

/** Goes through all servers, and leaves out those that failed a short while ago. */
export interface StateBasedChainer {
  readonly kind: 'chainer';
  readonly type: 'failover' | 'round-robin';
  readonly timeoutConnectMs: number;
  /** How long a failure is remembered. */
  readonly timeoutStateMs: number;
}

/** Says whether a server works; a promise counts by what it resolves to. */
export type AvailabilityCheck = (server: SocketAddress) => boolean | PromiseLike<boolean>;

/** Goes through the servers that its checks find up. */
export interface AvailabilityChainer {
  readonly kind: 'chainer';
  readonly type: 'availability';
  readonly timeoutConnectMs: number;
  readonly order: 'failover' | 'round-robin';
  readonly check: 'tcp' | AvailabilityCheck;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** How many checks in a row must succeed for a server to be up again. */
  readonly rise: number;
  /** How many checks in a row must fail for a server to be down. */
  readonly fall: number;
}

/** Puts a proxy beside the session, which connects onward by a chainer of its own. */
export interface SideStackChainer {
  readonly kind: 'chainer';
  readonly type: 'side-stack';
  /** That of the chainer that connects. */
  readonly timeoutConnectMs: number;
  readonly proxy: ProxyFactory;
  readonly chainer: Chainer;
}

/** Makes the server connection itself. */
export type FinalChainer =
  ConnectChainer | MultiTargetChainer | StateBasedChainer | AvailabilityChainer;

/** Makes the server connection. */
export type Chainer = FinalChainer | SideStackChainer;

/** The chainer that connects, behind all proxies beside. */
export function finalChainer(chainer: Chainer): FinalChainer {
  return chainer.type === 'side-stack' ? finalChainer(chainer.chainer) : chainer;
}

/** The proxies beside a session with this chainer, the nearest first. */
export function proxiesBeside(chainer: Chainer): readonly ProxyFactory[] {
  return chainer.type === 'side-stack' ? [chainer.proxy, ...proxiesBeside(chainer.chainer)] : [];
}

/** The field that all chainers have. */
export const chainerFields = { timeoutConnectMs: milliseconds.default(30_000) };

const schema = z.strictObject(chainerFields);
registerOptions('connectChainer', schema);

/**
 * Connects to the first of the servers that the router chose, and to no other.
 * @example service('web', { proxy: httpProxy(), chainer: connectChainer({ timeoutConnectMs: 5_000 }) });
 */
export function connectChainer(options: ConnectChainerOptions = {}): ConnectChainer {
  const { settings, faults } = checkSettings(schema, options, {});
  const { timeoutConnectMs } = settings;
  const made: ConnectChainer = { kind: 'chainer', type: 'connect', timeoutConnectMs };
  return declare(made, connectChainer, faults);
}

/** One line in English: which of several servers this chainer connects to. */
export function explainChainer(chainer: Chainer): string {
  switch (chainer.type) {
    case 'side-stack':
      return `through ${chainer.proxy.name} beside it, then ${explainChainer(chainer.chainer)}`;
    case 'connect':
      return 'to the first server only';
    case 'multi-target':
      return 'to the servers in turn';
    case 'failover':
      return `to the first server that did not fail within ${String(chainer.timeoutStateMs)} ms`;
    case 'round-robin':
      return `in turn to the servers that did not fail within ${String(chainer.timeoutStateMs)} ms`;
    case 'availability': {
      const order = chainer.order === 'failover' ? 'to the first server' : 'in turn to the servers';
      const check = chainer.check === 'tcp' ? 'TCP check' : 'check of the policy';
      return `${order} that a ${check} every ${String(chainer.intervalMs)} ms finds up`;
    }
  }
}
