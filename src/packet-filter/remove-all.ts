// Removes everything that Zorp put on the machine: its tables, its policy routing and what it remembers.

import type { Machine, Tools } from './machine.ts';
import { atWork } from './machine.ts';
import { FAMILY } from './nft-program.ts';
import type { OwnedTable } from './owned-table.ts';
import { findOwnTable } from './owned-table.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import { ownSettings, readRouting, removeOwnRouting } from './policy-routing.ts';
import { checkNft, routingFamilies } from './prepare-commit.ts';
import type { SavedState } from './saved-state.ts';

/** What was removed. */
export interface RemoveResult {
  readonly tables: readonly string[];
  /** A table that Zorp would have removed, if it were not somebody else's by now. */
  readonly warnings: readonly string[];
}

/** Removes all; `table` is the name where nobody remembers one. */
export function removeAll(machine: Machine, table: string): Promise<RemoveResult> {
  return atWork(machine, async (tools) => {
    await checkNft(machine, tools.nft);
    const state = tools.store.read();
    const { tables, warnings } = await tablesToRemove(tools, state, table);
    const deletions = tables.map(({ handle }) => ({
      delete: { table: { family: FAMILY, handle } },
    }));
    const result = await tools.apply({ kind: 'json', commands: deletions });
    if (!result.ok)
      throw new PacketFilterError(
        'nft.refused',
        `The kernel does not remove the packet filter: ${result.complaint}`,
      );
    await removeRouting(machine, tools, state);
    machine.folder.removeAll();
    return { tables: tables.map(({ name }) => name), warnings };
  });
}

async function tablesToRemove(
  { nft }: Tools,
  state: SavedState | undefined,
  table: string,
): Promise<{ readonly tables: readonly OwnedTable[]; readonly warnings: readonly string[] }> {
  const known = commitsOf(state).map((commit) => commit.table);
  const tables: OwnedTable[] = [];
  const warnings: string[] = [];
  for (const name of new Set(known.length === 0 ? [table] : known)) {
    try {
      const found = await findOwnTable(nft, name);
      if (found !== undefined) tables.push(found);
    } catch (error) {
      if (!(error instanceof PacketFilterError) || error.code !== 'nft.table-taken') throw error;
      warnings.push(`The table "${FAMILY} ${name}" stays: Zorp did not make it`);
    }
  }
  return { tables, warnings };
}

/** What the last commit put in, and what was there before it. */
function commitsOf(state: SavedState | undefined): NonNullable<SavedState['commit']>[] {
  const before = state?.before?.kind === 'ruleset' ? state.before.commit : undefined;
  return [state?.commit, before].filter((commit) => commit !== undefined);
}

async function removeRouting(
  machine: Machine,
  { ip }: Tools,
  state: SavedState | undefined,
): Promise<void> {
  const families = routingFamilies(machine);
  const known = commitsOf(state);
  const settings = known.length === 0 ? ownSettings(await readRouting(ip, families, 0)) : known;
  for (const one of settings) await removeOwnRouting(ip, families, one);
}
