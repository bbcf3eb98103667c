// zorp nft confirm, rollback and remove: what may become of a commit.

import { confirmCommit } from '../packet-filter/confirm-commit.ts';
import { removeAll } from '../packet-filter/remove-all.ts';
import { rollBack } from '../packet-filter/roll-back.ts';
import type { ExitCode, Output } from './command.ts';
import { printJson, safeLines } from './command.ts';
import type { NftOptions, NftTools } from './nft.ts';
import { printWarnings } from './nft.ts';

/** The name of the table, where nobody remembers one and no option gives one. */
export const DEFAULT_TABLE = 'zorp';

/** Options that name a table. */
export interface TableOptions extends NftOptions {
  readonly table?: string;
}

type MachineTools = Pick<NftTools, 'openMachine'>;

/** Confirms the commit that waits. */
export async function nftConfirm(
  options: NftOptions,
  output: Output,
  tools: MachineTools,
): Promise<ExitCode> {
  const { table, revision } = await confirmCommit(tools.openMachine(options.stateFolder));
  if (options.json) printJson(output, { ok: true, table, revision });
  else output.out(`table inet ${table}: ${output.paintOut('green', 'confirmed')}, it stays\n`);
  return 0;
}

/** Takes the last commit back. */
export async function nftRollback(
  options: NftOptions,
  output: Output,
  tools: MachineTools,
): Promise<ExitCode> {
  const { now } = await rollBack(tools.openMachine(options.stateFolder));
  if (options.json) {
    const { table = null, revision = null } = now ?? {};
    printJson(output, { ok: true, table, revision });
    return 0;
  }
  const done = output.paintOut('green', 'rolled back');
  output.out(
    now === undefined
      ? `${done}: there is no packet filter of Zorp now, as before\n`
      : `${done}: table inet ${now.table} has revision ${now.revision} again\n`,
  );
  return 0;
}

/** Removes everything that Zorp put on the machine. */
export async function nftRemove(
  options: TableOptions,
  output: Output,
  tools: MachineTools,
): Promise<ExitCode> {
  const machine = tools.openMachine(options.stateFolder);
  const { tables, warnings } = await removeAll(machine, options.table ?? DEFAULT_TABLE);
  printWarnings(warnings, output);
  if (options.json) {
    printJson(output, { ok: true, tables, warnings });
    return 0;
  }
  const names = tables.map((name) => `table inet ${name}`).join(', ');
  const text =
    tables.length === 0
      ? 'There is no packet filter of Zorp'
      : `${names}: removed, nothing is left`;
  output.out(safeLines(text));
  return 0;
}
