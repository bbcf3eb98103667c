// Everything that the packet filter needs of the machine, so that tests can hand in their own.

import { join, resolve } from 'node:path';
import { startGuardProcess } from './guard-process.ts';
import { IpProgram } from './ip-program.ts';
import type { Transaction, TransactionResult } from './nft-program.ts';
import { NftProgram } from './nft-program.ts';
import type { ProcessIdentity, ReadProc } from './proc-files.ts';
import { bootId, networkNamespace, readProc } from './proc-files.ts';
import type { RunCommand } from './run-command.ts';
import { runCommand } from './run-command.ts';
import { StateStore } from './saved-state.ts';
import { StateFolder } from './state-folder.ts';
import { takeWorkLock } from './work-lock.ts';

/** The machine. */
export interface Machine {
  readonly run: RunCommand;
  readonly readProc: ReadProc;
  readonly folder: StateFolder;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds of a clock that only goes forward, the same in all processes. */
  monotonicMs(): number;
  /** Starts the process that rolls a commit back unless it is confirmed; it waits already when this is done. */
  startGuard(commitId: string): Promise<ProcessIdentity>;
}

/** Where the state is, if nobody says otherwise: it is gone after a start of the machine, like the packet filter. */
export const DEFAULT_STATE_FOLDER = '/run/zorp';

/** The real machine. Every network namespace has a folder of its own, for it has a packet filter of its own. */
export function openMachine(stateFolder: string): Machine {
  const base = resolve(stateFolder);
  const folder = new StateFolder(join(base, `net-${networkNamespace(readProc) ?? 'only'}`));
  return {
    run: runCommand,
    readProc,
    folder,
    now: Date.now,
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    startGuard: (commitId) => startGuardProcess(base, commitId, folder),
  };
}

/** What work on the packet filter is done with. */
export interface Tools {
  readonly nft: NftProgram;
  readonly ip: IpProgram;
  readonly store: StateStore;
}

/** Tools for a look at things: they take no lock and make no folder. */
export function toolsOf(machine: Machine): Tools {
  return {
    nft: new NftProgram(machine.run),
    ip: new IpProgram(machine.run),
    store: new StateStore(machine.folder, bootId(machine.readProc)),
  };
}

/** The same for work that changes something. */
export interface WorkTools extends Tools {
  /** Applies a transaction: all of it, or nothing. */
  readonly apply: (transaction: Transaction) => Promise<TransactionResult>;
}

const INPUT_FILE = 'transaction';

/** Does work that changes something, while no other command does. */
export async function atWork<Result>(
  machine: Machine,
  work: (tools: WorkTools) => Promise<Result>,
): Promise<Result> {
  const { folder } = machine;
  const lock = await takeWorkLock(folder, machine.readProc);
  const tools = toolsOf(machine);
  const apply = (transaction: Transaction): Promise<TransactionResult> =>
    tools.nft
      .apply(transaction, {
        writeInput: (text) => {
          folder.write(INPUT_FILE, text);
          return folder.file(INPUT_FILE);
        },
        onStart: (pid) => lock.share(pid),
      })
      .finally(() => folder.remove(INPUT_FILE));
  try {
    return await work({ ...tools, apply });
  } finally {
    lock.release();
  }
}
