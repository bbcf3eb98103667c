// The files of a part of a policy, read as an instance does when it loads: for tests that make the part without a policy.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { takeLiveInputs } from '../../src/proxy/live-input.ts';
import { readAtOnce } from './read-at-once.ts';

/** Makes something and reads the files that it names. */
export function readLive<Made>(make: () => Made): Made {
  takeLiveInputs();
  const made = make();
  for (const input of takeLiveInputs())
    if (input.kind === 'live-file')
      assert.deepEqual(readAtOnce(input, readFileSync(input.path, 'utf8')), []);
  return made;
}
