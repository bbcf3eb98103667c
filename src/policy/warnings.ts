// Everything in a policy that is likely a mistake, in the order of its lines.

import type { Policy } from './policy.ts';
import type { Warning } from './warning.ts';
import { encryptionWarnings } from './warnings-encryption.ts';
import { fileWarnings } from './warnings-files.ts';
import { guardWarnings } from './warnings-guards.ts';
import { loopWarnings } from './warnings-loops.ts';
import { nameWarnings } from './warnings-names.ts';
import { notPermittedWarnings } from './warnings-not-permitted.ts';
import { onlyStackedWarnings } from './warnings-only-stacked.ts';
import { ruleWarnings } from './warnings-rules.ts';
import { stackWarnings } from './warnings-stacks.ts';
import { unusedWarnings } from './warnings-unused.ts';
import { zoneWarnings } from './warnings-zones.ts';

/** The warnings about a policy: none of them keeps it from running. */
export function policyWarnings(policy: Policy): readonly Warning[] {
  const all = [
    ...ruleWarnings(policy),
    ...loopWarnings(policy),
    ...unusedWarnings(policy),
    ...onlyStackedWarnings(policy),
    ...notPermittedWarnings(policy),
    ...zoneWarnings(policy),
    ...stackWarnings(policy),
    ...fileWarnings(policy),
    ...guardWarnings(policy),
    ...encryptionWarnings(policy),
    ...nameWarnings(policy),
  ];
  return all.sort(byPlace);
}

function byPlace(one: Warning, other: Warning): number {
  const [file = '', otherFile = ''] = [one.file, other.file];
  if (file !== otherFile) return file < otherFile ? -1 : 1;
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}
