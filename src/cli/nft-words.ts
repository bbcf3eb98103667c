// The words of `zorp nft`, its help, and what each word starts.

import type { Command } from 'commander';
import type { ExitCode, Output } from './command.ts';
import { nftConfirm, nftRemove, nftRollback } from './nft-later.ts';
import { nftShow } from './nft-show.ts';
import type { NftOptions, NftTools } from './nft.ts';
import { nftCommit, nftGenerate, nftTest } from './nft.ts';
import type { ProcessEvents } from './process-events.ts';
import { watchUncaught } from './uncaught.ts';

const POLICY = 'the policy file, such as /etc/zorp/policy.ts';
const TABLE = 'the table, where nobody remembers a commit (default: zorp)';

interface Flags {
  readonly json?: true;
  readonly stateFolder?: string;
}

/** What these words need of the world. */
export interface NftWorld {
  readonly output: Output;
  readonly tools: NftTools & { readonly process: Pick<ProcessEvents, 'onUncaught'> };
}

type Done = (code: ExitCode) => void;

/** Adds `zorp nft` to the command line. */
export function addNft(program: Command, world: NftWorld, done: Done): void {
  const nft = program
    .command('nft')
    .description('the packet filter of a policy: make it, test it, put it into the kernel')
    .helpCommand('help [command]', 'show this help, or that of a command')
    .addHelpText('after', HELP);
  addPolicyWords(nft, world, done);
  addLaterWords(nft, world, done);
}

/** Those that begin with a policy. */
function addPolicyWords(nft: Command, { output, tools }: NftWorld, done: Done): void {
  const watched = (path: string, work: Promise<ExitCode>): Promise<ExitCode> =>
    watchUncaught(tools.process, `Cannot make a packet filter from ${path}`).unlessUncaught(work);
  nft
    .command('generate')
    .description('print the ruleset of a policy, as "nft -j -f -" takes it')
    .argument('<policy>', POLICY)
    .option('--json', 'it always is JSON')
    .addHelpText('after', '\nExample:\n  zorp nft generate /etc/zorp/policy.ts')
    .action(async (path: string) => done(await watched(path, nftGenerate(path, output, tools))));
  withState(nft.command('test'))
    .description('let the kernel check the ruleset of a policy, and change nothing')
    .argument('<policy>', POLICY)
    .addHelpText('after', '\nExample:\n  zorp nft test /etc/zorp/policy.ts')
    .action(async (path: string, flags: Flags) =>
      done(await watched(path, nftTest(path, optionsOf(flags), output, tools))),
    );
  withState(nft.command('commit'))
    .description('put the ruleset of a policy into the kernel, as a whole')
    .argument('<policy>', POLICY)
    .option('--confirm <seconds>', 'take it back after this time, unless it is confirmed')
    .addHelpText('after', COMMIT_HELP)
    .action(async (path: string, flags: Flags & { readonly confirm?: string }) => {
      const options = { ...flags, ...optionsOf(flags) };
      done(await watched(path, nftCommit(path, options, output, tools)));
    });
}

/** Those that are about what is there. */
function addLaterWords(nft: Command, { output, tools }: NftWorld, done: Done): void {
  withState(nft.command('confirm'))
    .description('let the last commit stay')
    .addHelpText('after', '\nExample:\n  zorp nft confirm')
    .action(async (flags: Flags) => done(await nftConfirm(optionsOf(flags), output, tools)));
  withState(nft.command('rollback'))
    .description('go back to what was there before the last commit')
    .addHelpText('after', '\nExample:\n  zorp nft rollback')
    .action(async (flags: Flags) => done(await nftRollback(optionsOf(flags), output, tools)));
  withState(nft.command('remove'))
    .description('remove everything that Zorp put into the kernel: table, rules, routes')
    .option('--table <name>', TABLE)
    .addHelpText('after', '\nExample:\n  zorp nft remove')
    .action(async (flags: Flags & { readonly table?: string }) =>
      done(await nftRemove({ ...flags, ...optionsOf(flags) }, output, tools)),
    );
  withState(nft.command('show'))
    .description('show what is in the kernel: sets, counters, whether a commit waits')
    .argument('[policy]', 'also say whether it was made from this policy file')
    .option('--table <name>', TABLE)
    .addHelpText('after', '\nExample:\n  zorp nft show /etc/zorp/policy.ts --json')
    .action(async (path: string | undefined, flags: Flags & { readonly table?: string }) =>
      done(await nftShow(path, { ...flags, ...optionsOf(flags) }, output, tools)),
    );
}

function withState(command: Command): Command {
  return command
    .option('--state-folder <path>', 'where commits are remembered (default: /run/zorp)')
    .option('--json', 'print the result as a JSON object');
}

function optionsOf({ json, stateFolder }: Flags): NftOptions {
  return { json: json === true, ...(stateFolder === undefined ? {} : { stateFolder }) };
}

const HELP = `
Whoever changes the packet filter of a machine from afar may lock himself out:
commit with --confirm, open a new connection, and confirm there.
Examples:
  zorp nft test /etc/zorp/policy.ts
  zorp nft commit /etc/zorp/policy.ts --confirm 60
  zorp nft confirm`;

const COMMIT_HELP = `
All of it is put in at once, or nothing. With --confirm a process of its own
waits; it takes the commit back also if the terminal or the connection is gone.
Example:
  zorp nft commit /etc/zorp/policy.ts --confirm 60`;
