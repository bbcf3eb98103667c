// One command at a time works on the packet filter. Each puts a file with its name into the state folder and looks whether
// there is another one: files of processes that have ended count for nothing, so a killed command blocks nobody.

import { setTimeout as pause } from 'node:timers/promises';
import { PacketFilterError } from './packet-filter-error.ts';
import type { ProcessIdentity, ReadProc } from './proc-files.ts';
import { identifyProcess, isRunning } from './proc-files.ts';
import type { StateFolder } from './state-folder.ts';

/** The right to work, held by this process until it releases it or ends. */
export interface WorkLock {
  /** A child that changes the kernel's tables goes on when this process is killed: it holds the right, too. */
  share(pid: number): void;
  release(): void;
}

const PREFIX = 'at-work-';
const PATTERN = /^at-work-(\d+)-(\d+)$/;
/** A commit of a large ruleset takes seconds. */
const PATIENCE_MS = 20_000;
/** Two that see each other both step back; chance lets one come first. */
const PAUSE_MS = 20;

/** Waits for the right to work. @throws PacketFilterError if another command does not end. */
export async function takeWorkLock(
  folder: StateFolder,
  read: ReadProc,
  patienceMs: number = PATIENCE_MS,
): Promise<WorkLock> {
  const self = identifyProcess(process.pid, read);
  if (self === undefined)
    throw new PacketFilterError('state.proc', 'There is no /proc: mount it, and try again');
  const until = performance.now() + patienceMs;
  for (;;) {
    const names = [nameOf(self)];
    sign(folder, nameOf(self));
    const other = findOther(folder, self, read);
    const release = (): void => {
      for (const name of names) folder.remove(name);
      folder.removeIfEmpty();
    };
    if (other === undefined)
      return {
        share: (pid) => {
          const child = identifyProcess(pid, read);
          if (child === undefined) return; // it has ended, or never began
          names.push(nameOf(child));
          folder.write(nameOf(child), '');
        },
        release,
      };
    release();
    if (performance.now() > until)
      throw new PacketFilterError(
        'state.busy',
        `Another command works on the packet filter (process ${other.pid}): wait for its end`,
      );
    await pause(PAUSE_MS * (1 + Math.random()));
  }
}

/** Another command that ends now may remove the folder as long as it is empty. */
function sign(folder: StateFolder, name: string, attempts = 5): void {
  folder.open();
  try {
    folder.write(name, '');
  } catch (error) {
    if (attempts === 0) throw error;
    sign(folder, name, attempts - 1);
  }
}

function nameOf({ pid, startTick }: ProcessIdentity): string {
  return `${PREFIX}${pid}-${startTick}`;
}

/** Another process that works; files of those that have ended are removed on the way, their names never come again. */
function findOther(
  folder: StateFolder,
  self: ProcessIdentity,
  read: ReadProc,
): ProcessIdentity | undefined {
  for (const name of folder.names()) {
    const [, pid, startTick] = PATTERN.exec(name) ?? [];
    if (pid === undefined || startTick === undefined || name === nameOf(self)) continue;
    const other = { pid: Number(pid), startTick };
    if (isRunning(other, read)) return other;
    folder.remove(name);
  }
  return undefined;
}
