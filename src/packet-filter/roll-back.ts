// Takes the last commit back: exactly what was there before it comes again, or nothing if nothing was there.

import type { Machine, WorkTools } from './machine.ts';
import { atWork } from './machine.ts';
import { FAMILY } from './nft-program.ts';
import { findOwnTable, findOwnTables } from './owned-table.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import { changeRouting, isSameRouting, removeOwnRouting } from './policy-routing.ts';
import { missingNow, routingFamilies } from './prepare-commit.ts';
import type { Before, Commit, Pending, SavedState } from './saved-state.ts';

/** What is there after a rollback. */
export interface RollBackResult {
  /** The commit that is there again; undefined where nothing was there before. */
  readonly now: Commit | undefined;
}

/** Rolls the last commit back because somebody asks for it. */
export async function rollBack(machine: Machine): Promise<RollBackResult> {
  if (!machine.folder.exists()) throw nothingToDo();
  return atWork(machine, async (tools) => {
    const state = tools.store.read();
    if (!hasBefore(state)) throw nothingToDo();
    return goBack(machine, tools, state, 'asked');
  });
}

/** Rolls a commit back if it still waits for its confirmation. @returns whether it did. */
export async function rollBackUnconfirmed(machine: Machine, commitId: string): Promise<boolean> {
  if (!machine.folder.exists()) return false;
  return atWork(machine, async (tools) => {
    const state = tools.store.read();
    if (!isWaiting(state, commitId)) return false;
    await goBack(machine, tools, state, 'not-confirmed');
    return true;
  });
}

/** A state from which there is a way back. */
export type ReturnableState = SavedState & { readonly commit: Commit; readonly before: Before };

/** A state in which a commit waits for its confirmation. */
export type WaitingState = ReturnableState & { readonly pending: Pending };

/** Whether it is this commit that waits. */
export function isWaiting(state: SavedState | undefined, commitId: string): state is WaitingState {
  return hasBefore(state) && state.commit.id === commitId && state.pending !== undefined;
}

function hasBefore(state: SavedState | undefined): state is ReturnableState {
  return state?.commit !== undefined && state.before !== undefined;
}

async function goBack(
  machine: Machine,
  tools: WorkTools,
  state: ReturnableState,
  why: 'asked' | 'not-confirmed',
): Promise<RollBackResult> {
  const { commit, before } = state;
  const families = routingFamilies(machine);
  const earlier = before.kind === 'ruleset' ? before.commit : undefined;
  if (earlier !== undefined)
    await changeRouting(tools.ip, await missingNow(tools, families, earlier));
  await restoreTables(tools, state);
  if (earlier === undefined || !isSameRouting(earlier, commit))
    await removeOwnRouting(tools.ip, families, commit);
  const after = {
    ...{ commit: earlier, before: undefined, pending: undefined },
    rolledBack: { at: new Date(machine.now()).toISOString(), why },
  };
  tools.store.write(after);
  tools.store.tidy(after);
  return { now: earlier };
}

/** The tables of the commit go and the earlier ones come, all at once. */
async function restoreTables(tools: WorkTools, { commit, before }: ReturnableState): Promise<void> {
  const { nft, store } = tools;
  const isNothing = before.kind === 'nothing';
  const wanted = isNothing ? { table: commit.table, revision: undefined } : before.commit;
  const present = await findOwnTables(nft, [commit.table, wanted.table]);
  const deletions = present.map(({ name }) => `delete table ${FAMILY} ${name}\n`);
  const text = [...deletions, isNothing ? '' : store.readBefore(before.file)].join('');
  const result = await tools.apply({ kind: 'text', text });
  const now = await findOwnTable(nft, wanted.table);
  if (result.ok && now?.revision === wanted.revision) return;
  const complaint = result.ok ? 'nft did nothing' : result.complaint;
  throw new PacketFilterError(
    'nft.refused',
    `The kernel refuses what was there before, and nothing was changed: ${complaint}`,
  );
}

function nothingToDo(): PacketFilterError {
  return new PacketFilterError(
    'nft.nothing-to-roll-back',
    'There is no commit to roll back: "zorp nft show" tells what is there',
  );
}
