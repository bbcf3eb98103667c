// Starts the process that waits for a confirmation. It outlives the command, its terminal and the session of an ssh.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PacketFilterError } from './packet-filter-error.ts';
import type { ProcessIdentity } from './proc-files.ts';
import { identifyProcess, readProc } from './proc-files.ts';
import type { StateFolder } from './state-folder.ts';

const MAIN = fileURLToPath(new URL('./guard-main.ts', import.meta.url));
/** Where it writes what goes wrong with it. */
export const GUARD_LOG = 'guard.log';
/** Node starts in 0.1 s; a machine may be very busy. */
const START_MS = 15_000;

/** Starts the guard of a commit and waits until it says that it is there. */
export async function startGuardProcess(
  stateFolder: string,
  commitId: string,
  folder: StateFolder,
): Promise<ProcessIdentity> {
  folder.remove(GUARD_LOG);
  const log = openSync(folder.file(GUARD_LOG), 'wx', 0o600);
  const child = spawn(process.execPath, [MAIN, stateFolder, commitId], {
    // A session and process group of its own (setsid): signals of the terminal do not reach it. It keeps no descriptor of
    // the terminal or of sshd, which would wait for it.
    detached: true,
    stdio: ['ignore', 'pipe', log],
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  closeSync(log);
  const isReady = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), START_MS);
    const end = (ready: boolean): void => {
      clearTimeout(timer);
      resolve(ready);
    };
    child.on('error', () => end(false)).on('exit', () => end(false));
    child.stdout?.on('data', () => end(true));
  });
  child.stdout?.destroy();
  child.unref();
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid, readProc);
  if (isReady && identity !== undefined) return identity;
  child.kill('SIGKILL');
  throw new PacketFilterError(
    'guard.start',
    `The process that would take the commit back does not start, and nothing was committed: see ${folder.file(GUARD_LOG)}`,
  );
}
