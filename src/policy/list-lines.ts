// The lines of a list file: one entry a line, blank lines and comments between them.

import type { LiveFault } from '../proxy/live-input.ts';
import { showValue } from '../proxy/policy-fault.ts';

/** An entry of a list file. */
export interface ListLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * The entries of a list file, without white space around them. Blank lines are skipped wherever they stand: the original
 * stopped reading at the first one. So are lines that begin with `#`, and the byte order mark of some editors.
 */
export function* listLines(text: string): Generator<ListLine, undefined, undefined> {
  let line = 0;
  // Not split(): the lines of a million names at once would take longer to make than the loop may be blocked.
  for (let start = text.startsWith('\uFEFF') ? 1 : 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    line++;
    const entry = text.slice(start, end).trim();
    if (entry !== '' && !entry.startsWith('#')) yield { line, text: entry };
    start = end + 1;
  }
  return undefined;
}

/** Faults that are told of one file: the cure of the first few is that of all. */
const MAX_FAULTS = 20;

/** The faults of a file as they are told: the first ones, and how many there are more. */
export function toldFaults(faults: readonly LiveFault[]): readonly LiveFault[] {
  const more = faults.length - MAX_FAULTS;
  if (more <= 0) return faults;
  const rest = { line: undefined, value: `${more} more lines`, cure: 'correct these first' };
  return [...faults.slice(0, MAX_FAULTS), rest];
}

/** The fault of a line. */
export function lineFault({ line, text }: ListLine, cure: string): LiveFault {
  return { line, value: showValue(text), cure };
}
