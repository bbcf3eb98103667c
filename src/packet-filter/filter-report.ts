// What is on the machine now: our table as filled, what is remembered of it, and whether all is as it should be.

import type { Listing } from './nft-listing.ts';
import type { Machine } from './machine.ts';
import { toolsOf } from './machine.ts';
import { findOwnTable } from './owned-table.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import { checkNft, missingNow, routingFamilies } from './prepare-commit.ts';
import { isRunning } from './proc-files.ts';
import type { Commit, Pending, SavedState } from './saved-state.ts';

/** A commit that waits for its confirmation. */
export interface WaitingReport {
  /** ISO 8601. */
  readonly until: string;
  readonly secondsLeft: number;
  /** Whether the process that takes it back in time is there. */
  readonly isGuarded: boolean;
}

/** What is on the machine. */
export interface FilterReport {
  readonly table: string;
  /** The revision of the policy that the table in the kernel was made from; undefined where there is none. */
  readonly revision: string | undefined;
  /** Everything in it; undefined where there is no table. */
  readonly listing: Listing | undefined;
  /** What is remembered of the last commit. */
  readonly commit: Commit | undefined;
  readonly waiting: WaitingReport | undefined;
  readonly rolledBack: SavedState['rolledBack'];
  /** Whether `zorp nft rollback` has something to go back to. */
  readonly canRollBack: boolean;
  /** What is not as it should be, one sentence each. */
  readonly faults: readonly string[];
}

/** Looks at the machine; `table` is the name where nobody remembers one. Changes nothing. */
export async function reportFilter(machine: Machine, table: string): Promise<FilterReport> {
  const tools = toolsOf(machine);
  await checkNft(machine, tools.nft);
  const state = tools.store.read();
  const commit = state?.commit;
  const name = commit?.table ?? table;
  const { revision, listing } = (await findOwnTable(tools.nft, name)) ?? {};
  return {
    ...{ table: name, revision, listing, commit },
    waiting: waitingReport(machine, state?.pending),
    rolledBack: state?.rolledBack,
    canRollBack: state?.before !== undefined,
    faults: commit === undefined ? [] : await faultsOf(machine, commit, revision),
  };
}

async function faultsOf(
  machine: Machine,
  commit: Commit,
  revision: string | undefined,
): Promise<string[]> {
  return [...commitFaults(commit, revision), ...(await routingFaults(machine, commit))];
}

function commitFaults(commit: Commit, revision: string | undefined): string[] {
  if (commit.step === 'applying')
    return ['The last commit was interrupted: run "zorp nft rollback", or commit again'];
  if (revision === undefined)
    return ['The table of the last commit is gone: somebody removed it, commit again'];
  if (revision !== commit.revision)
    return ['The table is not that of the last commit: somebody replaced it, commit again'];
  return [];
}

async function routingFaults(machine: Machine, commit: Commit): Promise<string[]> {
  try {
    const missing = await missingNow(toolsOf(machine), routingFamilies(machine), commit);
    if (missing.length === 0) return [];
    const what = missing.map(({ family, args }) => `${family} ${args[0] ?? ''}`).join(', ');
    return [`The policy routing is not complete (${what}): commit again`];
  } catch (error) {
    if (error instanceof PacketFilterError) return [error.message];
    throw error;
  }
}

function waitingReport(machine: Machine, pending: Pending | undefined): WaitingReport | undefined {
  if (pending === undefined) return undefined;
  const { until, untilMs, guard } = pending;
  return {
    until,
    secondsLeft: Math.max(0, Math.ceil((untilMs - machine.monotonicMs()) / 1000)),
    isGuarded: guard !== undefined && isRunning(guard, machine.readProc),
  };
}
