// A list file read in one go: what the edge does with pauses.

import type { LiveFault, LiveFile } from '../../src/proxy/live-input.ts';

/** Reads a whole content without a pause. */
export function readAtOnce(file: LiveFile, text: string): readonly LiveFault[] {
  const reading = file.read(text);
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  return step.value;
}
