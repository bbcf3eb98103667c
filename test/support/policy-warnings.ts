// The warnings about a policy as short lines, for the tests of what each of them is about.

import type { PolicyOptions } from '../../src/policy/define-policy.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { Warning } from '../../src/policy/warning.ts';

/** The warnings of one kind about a policy, as `code message`, without places. */
export function warningsOf(
  find: (policy: Policy) => readonly Warning[],
  options: PolicyOptions,
): readonly string[] {
  return find(definePolicy(options)).map(
    ({ code, message }) => `${code} ${message.replaceAll(/ \(\/[^)]*:\d+\)/g, '')}`,
  );
}
