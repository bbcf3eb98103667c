// The server that a function of the policy chooses for a request.

import { isPort } from '../../../address/port.ts';
import type { Target } from '../../../proxy/engine.ts';
import { showValue } from '../../../proxy/policy-fault.ts';
import { PolicyFault } from '../../../proxy/violation.ts';
import { canonicalGivenHost } from '../urls/authority.ts';

/** The server that was set, as it is now. Throws a PolicyFault for what is none: a function may set anything. */
export function chosenServer(target: unknown): Target {
  const given = partOf(target, 'host');
  const port = partOf(target, 'port');
  const host = canonicalGivenHost(typeof given === 'string' ? given : '');
  if (host !== undefined && isPort(port)) return Object.freeze({ host, port });
  throw new PolicyFault(
    'policy.invalid-result',
    `A function of the policy set request.server to host ${showValue(given)} and port ${showValue(port)}: give { host, port }, a name or an address and a number`,
  );
}

function partOf(target: unknown, key: string): unknown {
  return Reflect.get(Object(target) as object, key);
}
