// Folders of tests among the temporary files of this machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Owner } from './system-process.ts';

/** A new folder, which goes with its owner, as does all that is in it. The word in its name says what it is for. */
export function temporaryFolder(owner: Owner, word: string): string {
  const folder = mkdtempSync(join(tmpdir(), `zorp-${word}-`));
  owner.after(() => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  });
  return folder;
}
