// Puts a ruleset into the kernel, as a whole, in such an order that whoever is killed on the way leaves a machine with the
// old ruleset or the new one, and a state from which a rollback finds back.

import { randomBytes } from 'node:crypto';
import type { Machine, Tools, WorkTools } from './machine.ts';
import { atWork } from './machine.ts';
import { FAMILY } from './nft-program.ts';
import type { OwnedTable } from './owned-table.ts';
import { findOwnTable } from './owned-table.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import { changeRouting, isSameRouting, removeOwnRouting, undoRouting } from './policy-routing.ts';
import type { Preparation, Ruleset } from './prepare-commit.ts';
import { prepareCommit, routingFamilies } from './prepare-commit.ts';
import type { Before, Commit, Pending, SavedState, StateToSave } from './saved-state.ts';

/** How a commit went. */
export interface CommitResult {
  readonly warnings: readonly string[];
  /** When it is taken back unless it is confirmed, ISO 8601; undefined if that was not asked for. */
  readonly until: string | undefined;
}

/** Commits a ruleset; with `confirmSeconds` it is taken back after that time unless somebody confirms it. */
export function commitRuleset(
  machine: Machine,
  ruleset: Ruleset,
  confirmSeconds: number | undefined,
): Promise<CommitResult> {
  return atWork(machine, async (tools) => {
    const { store } = tools;
    const earlier = store.read();
    refuseWaiting(machine, earlier);
    const prepared = await prepareCommit(machine, tools, ruleset);
    const commit = commitOf(machine, ruleset);
    const before = await keepBefore(tools, commit, earlier, prepared.replaced);
    const saved: StateToSave = { commit, before, pending: undefined, rolledBack: undefined };
    let pending: Pending | undefined;
    try {
      pending = await waitFor(machine, tools, saved, confirmSeconds);
      await putIn(tools, ruleset, prepared);
    } catch (error) {
      store.restore(earlier);
      throw error;
    }
    await dropOldRouting(machine, tools, earlier, commit);
    if (pending !== undefined && confirmSeconds !== undefined)
      pending = { ...pending, ...deadline(machine, confirmSeconds) };
    const done: StateToSave = { ...saved, commit: { ...commit, step: 'done' }, pending };
    store.write(done);
    store.tidy(done);
    return { warnings: prepared.warnings, until: pending?.until };
  });
}

function refuseWaiting(machine: Machine, state: SavedState | undefined): void {
  if (state?.pending === undefined) return;
  const seconds = Math.max(0, Math.ceil((state.pending.untilMs - machine.monotonicMs()) / 1000));
  throw new PacketFilterError(
    'nft.waiting',
    `The last commit waits for its confirmation (${seconds} s are left): run "zorp nft confirm" or "zorp nft rollback" first`,
  );
}

function commitOf(machine: Machine, { identity }: Ruleset): Commit {
  const id = randomBytes(8).toString('hex');
  return { ...identity, id, at: new Date(machine.now()).toISOString(), step: 'applying' };
}

/** What is there now goes into a file, if the kernel would take it back. */
async function keepBefore(
  { nft, store }: Tools,
  commit: Commit,
  earlier: SavedState | undefined,
  replaced: readonly OwnedTable[],
): Promise<Before> {
  const [first] = replaced;
  if (first === undefined) return { kind: 'nothing' };
  const texts: string[] = [];
  for (const { name } of replaced) texts.push((await nft.listText(name)) ?? '');
  const deletions = replaced.map(({ name }) => `delete table ${FAMILY} ${name}\n`);
  const result = await nft.check({ kind: 'text', text: [...deletions, ...texts].join('') });
  if (!result.ok)
    throw new PacketFilterError(
      'nft.not-restorable',
      `The packet filter that is there could not be brought back (${result.complaint}): remove it with "zorp nft remove", then commit`,
    );
  const file = store.keepBefore(commit.id, texts.join(''));
  const known = earlier?.commit;
  // Where nobody remembers, the table itself tells its revision; its routing is taken to be that of the new one.
  const { name: table, revision } = first;
  const isKnown = known?.table === table && known.revision === revision;
  const last: Commit = isKnown ? known : { ...commit, table, revision, policyFile: '' };
  return { kind: 'ruleset', file, commit: { ...last, step: 'done' } };
}

/** Writes the state, and starts the guard where a confirmation is asked for. */
async function waitFor(
  machine: Machine,
  { store }: Tools,
  saved: StateToSave,
  confirmSeconds: number | undefined,
): Promise<Pending | undefined> {
  if (confirmSeconds === undefined || saved.commit === undefined) {
    store.write(saved);
    return undefined;
  }
  const pending: Pending = { guard: undefined, ...deadline(machine, confirmSeconds) };
  store.write({ ...saved, pending });
  const guarded = { ...pending, guard: await machine.startGuard(saved.commit.id) };
  store.write({ ...saved, pending: guarded });
  return guarded;
}

function deadline(machine: Machine, seconds: number): Pick<Pending, 'until' | 'untilMs'> {
  const until = new Date(machine.now() + seconds * 1000).toISOString();
  return { until, untilMs: machine.monotonicMs() + seconds * 1000 };
}

/** Routing first: nothing has the mark before the ruleset is there. */
async function putIn(
  { nft, ip, apply }: WorkTools,
  { identity }: Ruleset,
  { transaction, replaced, routing }: Preparation,
): Promise<void> {
  try {
    await changeRouting(ip, routing);
    const result = await apply(transaction);
    // Seen, not believed: an nft that was killed may have done its work.
    const now = await findOwnTable(nft, identity.table);
    const isThere = now?.revision === identity.revision;
    if (isThere && !replaced.some(({ handle }) => handle === now.handle)) return;
    const complaint = result.ok ? 'nft did nothing' : result.complaint;
    throw new PacketFilterError(
      'nft.refused',
      `The kernel refuses the packet filter, and nothing was changed: ${complaint}`,
    );
  } catch (error) {
    await undoRouting(ip, routing);
    throw error;
  }
}

async function dropOldRouting(
  machine: Machine,
  { ip }: Tools,
  earlier: SavedState | undefined,
  commit: Commit,
): Promise<void> {
  const old = earlier?.commit;
  if (old !== undefined && !isSameRouting(old, commit))
    await removeOwnRouting(ip, routingFamilies(machine), old);
}
