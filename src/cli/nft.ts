// zorp nft generate, test and commit: from a policy to the packet filter of the kernel.

import type { LoadedPolicy } from '../instance/load-policy.ts';
import { commitRuleset } from '../packet-filter/commit.ts';
import { generateRuleset } from '../packet-filter/generate-ruleset.ts';
import type { Machine } from '../packet-filter/machine.ts';
import { toolsOf } from '../packet-filter/machine.ts';
import type { Ruleset } from '../packet-filter/prepare-commit.ts';
import { prepareCommit } from '../packet-filter/prepare-commit.ts';
import { markerCommands } from '../packet-filter/table-marker.ts';
import type { ExitCode, Output, Tools } from './command.ts';
import { printJson, safeLines, unresolvedText, wrongUse } from './command.ts';

/** What the commands of the packet filter need of the world. */
export interface NftTools extends Pick<Tools, 'loadPolicy' | 'resolveNames'> {
  /** The machine; without a folder the state is where the environment or the system says. */
  openMachine(stateFolder: string | undefined): Machine;
}

/** Options that all of them have. */
export interface NftOptions {
  readonly stateFolder?: string;
  readonly json: boolean;
}

/** Options of `zorp nft commit`, as they stand on the command line. */
export interface CommitOptions extends NftOptions {
  readonly confirm?: string;
}

/** Prints the ruleset of a policy, as nft -j takes it. */
export async function nftGenerate(
  path: string,
  output: Output,
  tools: NftTools,
): Promise<ExitCode> {
  const { ruleset, unresolved } = await load(path, tools);
  output.err(unresolvedText(unresolved));
  const { table, revision } = ruleset.identity;
  printJson(output, { nftables: [...ruleset.commands, ...markerCommands(table, revision)] });
  return 0;
}

/** Lets the kernel check the ruleset of a policy, and looks for everything that could be in its way. */
export async function nftTest(
  path: string,
  options: NftOptions,
  output: Output,
  tools: NftTools,
): Promise<ExitCode> {
  const { loaded, ruleset, unresolved } = await load(path, tools);
  const machine = tools.openMachine(options.stateFolder);
  const { warnings } = await prepareCommit(machine, toolsOf(machine), ruleset);
  printWarnings(warnings, output);
  const { table, revision } = ruleset.identity;
  if (options.json) {
    printJson(output, { ok: true, file: loaded.file, revision, table, warnings, unresolved });
    return 0;
  }
  output.out(unresolvedText(unresolved));
  const good = output.paintOut('green', 'good');
  output.out(`table inet ${table}: ${good}, the kernel takes revision ${revision}\n`);
  return 0;
}

/** Puts the ruleset of a policy into the kernel. */
export async function nftCommit(
  path: string,
  options: CommitOptions,
  output: Output,
  tools: NftTools,
): Promise<ExitCode> {
  const confirmSeconds = parseSeconds(options.confirm);
  const { loaded, ruleset, unresolved } = await load(path, tools);
  const machine = tools.openMachine(options.stateFolder);
  const { warnings, until } = await commitRuleset(machine, ruleset, confirmSeconds);
  printWarnings(warnings, output);
  const { table, revision } = ruleset.identity;
  if (options.json) {
    const { file } = loaded;
    printJson(output, { ok: true, file, revision, table, until, warnings, unresolved });
    return 0;
  }
  output.out(unresolvedText(unresolved));
  output.out(
    `table inet ${table}: ${output.paintOut('green', 'committed')} revision ${revision}\n`,
  );
  output.out(
    confirmSeconds === undefined
      ? 'It stays. With --confirm SECONDS it would be taken back unless you confirm it; "zorp nft rollback" takes it back now.\n'
      : `It is taken back in ${confirmSeconds} s unless you confirm it: open a new connection to this machine, and run "zorp nft confirm" there.\n`,
  );
  return 0;
}

const MAX_SECONDS = 86_400; // a day: whoever needs longer does not test whether he can still get in

function parseSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw wrongUse(`--confirm is "${text}": give a number of seconds, 1 to ${MAX_SECONDS}`);
}

/** One line for each on standard error. */
export function printWarnings(warnings: readonly string[], output: Output): void {
  for (const warning of warnings)
    output.err(`${output.paintErr('yellow', 'warning:')} ${safeLines(warning)}`);
}

interface Loaded {
  readonly loaded: LoadedPolicy;
  readonly ruleset: Ruleset;
  readonly unresolved: readonly string[];
}

async function load(path: string, tools: NftTools): Promise<Loaded> {
  const loaded = await tools.loadPolicy(path);
  const { policy, unresolved } = await tools.resolveNames(loaded);
  const { table, mark, routingTable } = policy.packetFilter;
  const { file: policyFile, revision } = loaded;
  const identity = { table, mark, routingTable, revision, policyFile };
  return { loaded, ruleset: { ...generateRuleset(policy), identity }, unresolved };
}
