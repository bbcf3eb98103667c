// Says that a commit stays.

import type { Machine } from './machine.ts';
import { atWork } from './machine.ts';
import { findOwnTable } from './owned-table.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import type { Commit, SavedState } from './saved-state.ts';

/** Confirms the commit that waits. @returns it. */
export async function confirmCommit(machine: Machine): Promise<Commit> {
  if (!machine.folder.exists()) throw nothingWaits(undefined);
  return atWork(machine, async ({ nft, store }) => {
    const state = store.read();
    if (state?.commit === undefined || state.pending === undefined) throw nothingWaits(state);
    const now = await findOwnTable(nft, state.commit.table);
    if (now?.revision !== state.commit.revision)
      throw new PacketFilterError(
        'nft.interrupted',
        'The commit was interrupted before it put its ruleset in: run "zorp nft rollback", and commit again',
      );
    const commit: Commit = { ...state.commit, step: 'done' };
    const { before, rolledBack } = state;
    store.write({ commit, before, rolledBack, pending: undefined });
    return commit;
  });
}

function nothingWaits(state: SavedState | undefined): PacketFilterError {
  const { rolledBack } = state ?? {};
  const isLate = rolledBack?.why === 'not-confirmed';
  return new PacketFilterError(
    'nft.nothing-to-confirm',
    isLate
      ? `The commit was not confirmed in time and rolled back at ${rolledBack.at}: commit again, with more time`
      : 'No commit waits for a confirmation: "zorp nft show" tells what is there',
  );
}
