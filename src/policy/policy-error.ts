// The one error that carries all faults of a policy, each with its place.

import type { Fault } from '../proxy/policy-fault.ts';
import { showSource } from '../proxy/source-location.ts';
import type { SourceLocation } from '../proxy/source-location.ts';

/** One fault of a policy, with its place. */
export interface PlacedFault extends Fault {
  readonly location: SourceLocation | undefined;
  /** What is at fault, such as `zone "intranet"`. */
  readonly subject: string;
}

/** Thrown by `definePolicy`: everything that is wrong with a policy, each with file, line, value and cure. */
export class PolicyError extends Error {
  readonly faults: readonly PlacedFault[];

  constructor(faults: readonly PlacedFault[]) {
    const count = faults.length === 1 ? 'one fault' : `${String(faults.length)} faults`;
    super([`The policy has ${count}`, ...faults.map(showFault)].join('\n'));
    this.name = 'PolicyError';
    this.faults = faults;
  }
}

/** One line: `/etc/zorp/policy.ts:4: zone "intranet": subnets[0] is "10.0.0.0/33": prefix must be 0 to 32`. */
export function showFault(fault: PlacedFault): string {
  const field = fault.path === '' ? fault.value : `${fault.path} is ${fault.value}`;
  return `${showSource(fault.location)}: ${fault.subject}: ${field}: ${fault.cure}`;
}
