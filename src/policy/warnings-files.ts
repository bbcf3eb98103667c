// List files in which nothing stands but comments: a block list lets everything pass then, and a permit list nothing.

import { showValue } from '../proxy/policy-fault.ts';
import type { LiveFile } from '../proxy/live-input.ts';
import type { Policy } from './policy.ts';
import type { Warning } from './warning.ts';
import { warn } from './warning.ts';

/** What to do about a list without entries. */
export const NO_ENTRIES_CURE =
  'write entries into it, one a line: a list of what is blocked lets everything pass without them, and one of what is permitted nothing';

/** The warnings about list files that were read. */
export function fileWarnings(policy: Policy): readonly Warning[] {
  return policy.liveInputs.flatMap((input) =>
    input.kind === 'live-file' && input.isEmpty?.() === true ? [emptyFile(input)] : [],
  );
}

function emptyFile(input: LiveFile): Warning {
  return warn('list.no-entries', input, {
    message: `the list ${showValue(input.path)} has no entries and matches nothing`,
    cure: NO_ENTRIES_CURE,
  });
}
