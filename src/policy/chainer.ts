// Chainers: how the server connection is made.

import { z } from 'zod';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { milliseconds } from './fields.ts';

/** Options of `connectChainer`. */
export interface ConnectChainerOptions {
  /** How long a connection attempt may take. Default: 30 000 ms, as in the original. */
  readonly timeoutConnectMs?: number;
}

/** Makes the server connection. */
export interface Chainer {
  readonly kind: 'chainer';
  readonly type: 'connect';
  readonly timeoutConnectMs: number;
}

const schema = z.strictObject({ timeoutConnectMs: milliseconds.default(30_000) });

/**
 * Connects to the first of the targets that the router chose.
 * @example service('web', { proxy: httpProxy(), chainer: connectChainer({ timeoutConnectMs: 5_000 }) });
 */
export function connectChainer(options: ConnectChainerOptions = {}): Chainer {
  const { settings, faults } = checkSettings(schema, options, {});
  const made: Chainer = {
    kind: 'chainer',
    type: 'connect',
    timeoutConnectMs: settings.timeoutConnectMs,
  };
  return declare(made, connectChainer, faults);
}
