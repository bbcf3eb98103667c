// The files of a part of a policy, read as an instance does when it loads: for tests that make the part without a policy.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveFault, LiveFile } from '../../src/proxy/live-input.ts';
import { takeLiveInputs } from '../../src/proxy/live-input.ts';
import { readAtOnce, readFolderAtOnce } from './read-at-once.ts';

/** Makes something and reads the files that it names. */
export function readLive<Made>(make: () => Made): Made {
  takeLiveInputs();
  const made = make();
  for (const input of takeLiveInputs())
    if (input.kind === 'live-file') assert.deepEqual(readInput(input), []);
  return made;
}

function readInput(input: LiveFile): readonly LiveFault[] {
  const { path, folder } = input;
  if (folder === undefined || !statSync(path).isDirectory())
    return readAtOnce(input, readFileSync(path, 'utf8'));
  const paths = readdirSync(path)
    .filter((name) => folder.names.test(name))
    .map((name) => join(path, name));
  return readFolderAtOnce(
    input,
    paths.map((file) => ({ path: file, text: readFileSync(file, 'utf8') })),
  );
}
