// The two ways in which a proxy fails on purpose: a peer broke the protocol, or a function of the policy failed.

import type { Verdict } from './verdict.ts';

/** A peer broke the protocol or a limit. `code` is stable and names the rule ('http.duplicate-content-length'). */
export class Violation extends Error {
  readonly code: string;
  readonly side: 'client' | 'server';

  constructor(code: string, side: 'client' | 'server', message: string) {
    super(message);
    this.name = 'Violation';
    this.code = code;
    this.side = side;
  }
}

/** A function of the policy threw, was too slow, or returned something that it may not return. */
export class PolicyFault extends Error {
  readonly code: 'policy.function-failed' | 'policy.invalid-result';

  constructor(code: PolicyFault['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PolicyFault';
    this.code = code;
  }

  /** A function that fails aborts the session; one that returns nonsense is an invalid policy call (as in the original). */
  get verdict(): Verdict {
    return this.code === 'policy.invalid-result'
      ? 'invalid-policy-call'
      : 'aborted-by-policy-action';
  }
}
