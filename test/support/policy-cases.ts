// A random policy and connections that meet it.

import fc from 'fast-check';
import type { ConnectionSeed } from './random-connection.ts';
import { connectionSeed } from './random-connection.ts';
import type { PolicySeed } from './random-policy.ts';
import { policySeed } from './random-policy.ts';

/** Of each policy: making one takes longer than deciding, and they fill services, wear out servers, and take turns. */
const CONNECTIONS = 6;

/** A policy and its connections, in order. */
export interface PolicyCase {
  readonly policy: PolicySeed;
  readonly connections: readonly ConnectionSeed[];
}

/** Any policy with any connections. */
export const policyCases: fc.Arbitrary<PolicyCase> = fc.record({
  policy: policySeed,
  connections: fc.array(connectionSeed, { minLength: CONNECTIONS, maxLength: CONNECTIONS }),
});
