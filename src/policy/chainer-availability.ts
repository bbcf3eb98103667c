// The chainer that checks its servers itself, all the time, and connects to none that it knows to be down.

import { z } from 'zod';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { AvailabilityChainer, AvailabilityCheck, ChainerOptions } from './chainer.ts';
import { chainerFields } from './chainer.ts';
import { milliseconds } from './fields.ts';

/** Options of `availabilityChainer`. */
export interface AvailabilityChainerOptions extends ChainerOptions {
  /**
   * `'tcp'`: a server is up if it accepts a connection. Or a function: up is what it says `true` of, or a promise of
   * it; whatever it throws is down. Default: `'tcp'`.
   */
  readonly check?: 'tcp' | AvailabilityCheck;
  /** From the begin of a check to the begin of the next. Default: 2000 ms. */
  readonly intervalMs?: number;
  /** How long a check may take; longer is down. Default: 2000 ms. */
  readonly timeoutMs?: number;
  /** Checks in a row that must succeed for a server to be up again. Default: 2. */
  readonly rise?: number;
  /** Checks in a row that must fail for a server to be down. Default: 3. */
  readonly fall?: number;
  /** Whether the first server that is up gets all connections, or those that are up in turn. Default: `'failover'`. */
  readonly order?: 'failover' | 'round-robin';
}

// A thousand checks for one change is a misunderstanding: with the shortest useful interval it is minutes.
const MAX_CHECKS_IN_A_ROW = 1000;
const COUNT = `give a whole number of checks, 1 to ${String(MAX_CHECKS_IN_A_ROW)}`;
const count = z.int({ error: COUNT }).min(1, { error: COUNT }).max(MAX_CHECKS_IN_A_ROW, {
  error: COUNT,
});

const check = z.custom<'tcp' | AvailabilityCheck>(
  (value) => value === 'tcp' || typeof value === 'function',
  { error: 'give "tcp", or a function that says whether a server is up' },
);
const schema = z.strictObject({
  ...chainerFields,
  check: check.default('tcp'),
  intervalMs: milliseconds.default(2_000),
  timeoutMs: milliseconds.default(2_000),
  rise: count.default(2),
  fall: count.default(3),
  order: z
    .enum(['failover', 'round-robin'], { error: 'give "failover" or "round-robin"' })
    .default('failover'),
});
registerOptions('availabilityChainer', schema);

/**
 * Checks the servers of its router all the time, and connects to none that is down. A server is up until checks say
 * otherwise; a connection that fails goes on to the next one that is up.
 * @example service('web', { proxy: httpProxy(), router: directedRouter({ destination: ['10.0.0.1:80', '10.0.0.2:80'] }), chainer: availabilityChainer({ intervalMs: 5_000 }) });
 */
export function availabilityChainer(options: AvailabilityChainerOptions = {}): AvailabilityChainer {
  const { settings, faults } = checkSettings(schema, options, {});
  const made: AvailabilityChainer = { kind: 'chainer', type: 'availability', ...settings };
  return declare(made, availabilityChainer, faults);
}
