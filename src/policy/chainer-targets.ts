// Chainers that know several servers: in turn, or the first that works, with or without memory of failures.

import { z } from 'zod';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { ChainerOptions, MultiTargetChainer, StateBasedChainer } from './chainer.ts';
import { chainerFields } from './chainer.ts';
import { milliseconds } from './fields.ts';

/** Options of `multiTargetChainer`. */
export type MultiTargetChainerOptions = ChainerOptions;

/** Options of `failoverChainer` and `roundRobinChainer`. */
export interface StateBasedChainerOptions extends ChainerOptions {
  /** How long a server that failed is left out. Default: 60 000 ms, as in the original. */
  readonly timeoutStateMs?: number;
}

const multiTargetSchema = z.strictObject(chainerFields);
registerOptions('multiTargetChainer', multiTargetSchema);

/**
 * Tries each server once, beginning with another one each time. It remembers no failures.
 * @example service('web', { proxy: httpProxy(), router: directedRouter({ destination: ['10.0.0.1:80', '10.0.0.2:80'] }), chainer: multiTargetChainer() });
 */
export function multiTargetChainer(options: MultiTargetChainerOptions = {}): MultiTargetChainer {
  const { settings, faults } = checkSettings(multiTargetSchema, options, {});
  const made: MultiTargetChainer = { kind: 'chainer', type: 'multi-target', ...settings };
  return declare(made, multiTargetChainer, faults);
}

const stateSchema = z.strictObject({
  ...chainerFields,
  timeoutStateMs: milliseconds.default(60_000),
});
registerOptions('failoverChainer', stateSchema);

/**
 * Begins with the first server, and leaves out those that failed a short while ago. If none is left it forgets all
 * failures and tries each once more.
 * @example service('web', { proxy: httpProxy(), router: directedRouter({ destination: ['10.0.0.1:80', '10.0.0.2:80'] }), chainer: failoverChainer() });
 */
export function failoverChainer(options: StateBasedChainerOptions = {}): StateBasedChainer {
  const { settings, faults } = checkSettings(stateSchema, options, {});
  const made: StateBasedChainer = { kind: 'chainer', type: 'failover', ...settings };
  return declare(made, failoverChainer, faults);
}

/**
 * As `failoverChainer`, but beginning with another server each time, which spreads the load.
 * @example service('web', { proxy: httpProxy(), router: directedRouter({ destination: ['10.0.0.1:80', '10.0.0.2:80'] }), chainer: roundRobinChainer() });
 */
export function roundRobinChainer(options: StateBasedChainerOptions = {}): StateBasedChainer {
  const { settings, faults } = checkSettings(stateSchema, options, {});
  const made: StateBasedChainer = { kind: 'chainer', type: 'round-robin', ...settings };
  return declare(made, roundRobinChainer, faults);
}
