// A list file read in one go: what the edge does with pauses.

import type { FolderFile, LiveFault, LiveFile } from '../../src/proxy/live-input.ts';

/** Reads a whole content without a pause. */
export function readAtOnce(file: LiveFile, text: string): readonly LiveFault[] {
  return finish(file.read(text));
}

/** Reads the files of a folder without a pause. */
export function readFolderAtOnce(
  { folder }: LiveFile,
  files: readonly FolderFile[],
): readonly LiveFault[] {
  if (folder === undefined) throw new Error('no folder may be in the place of this file');
  return finish(folder.read(files));
}

function finish(reading: ReturnType<LiveFile['read']>): readonly LiveFault[] {
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  return step.value;
}
