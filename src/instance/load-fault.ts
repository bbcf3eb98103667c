// What is wrong with a policy file, in one shape whoever found it: the loader, definePolicy or the compiler.

import type { PlacedFault } from '../policy/policy-error.ts';

/** One thing that is wrong. Its place is as exact as it is known. */
export interface LoadFault {
  /** A stable code: `policy.missing`, `policy.syntax`, or the compiler's, `TS2322`. */
  readonly code: string;
  readonly file: string | undefined;
  /** From 1, like the column. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly message: string;
  /** What to do about it; empty where the message says it. */
  readonly cure: string;
}

/** One line, as compilers write it: `/etc/zorp/policy.ts:3:7: Expression expected: correct the syntax`. */
export function showLoadFault(fault: LoadFault): string {
  const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined);
  return [place.join(':'), fault.message, fault.cure].filter((part) => part !== '').join(': ');
}

/** Thrown by `loadPolicy`: everything that is known to be wrong. Its message is for people, and complete. */
export class PolicyLoadError extends Error {
  readonly faults: readonly LoadFault[];

  constructor(faults: readonly LoadFault[], options?: ErrorOptions) {
    super(faults.map(showLoadFault).join('\n'), options);
    this.name = 'PolicyLoadError';
    this.faults = faults;
  }
}

/** A fault that definePolicy found. */
export function fromPlacedFault(fault: PlacedFault): LoadFault {
  const { location, subject, path, value, cure } = fault;
  const message = `${subject}: ${path === '' ? value : `${path} is ${value}`}`;
  const { file, line, column } = location ?? {};
  return { code: 'policy.fault', file, line, column, message, cure };
}
