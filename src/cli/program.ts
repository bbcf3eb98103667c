// The command line: its words, its help, and what each word starts.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addCa } from './ca.ts';
import { check } from './check.ts';
import type { ExitCode, Output, Tools } from './command.ts';
import { reportError, wrongUse } from './command.ts';
import type { ExplainOptions } from './explain.ts';
import { explain } from './explain.ts';
import { DEFAULT_CLIENT_PORT, DEFAULT_SERVER_PORT } from './question.ts';
import { addNft } from './nft-words.ts';
import type { NftTools } from './nft.ts';
import type { RunOptions, RunTools } from './run.ts';
import { run } from './run.ts';
import { watchUncaught } from './uncaught.ts';

/** Everything that the command line needs of the world. */
export interface World {
  readonly output: Output;
  readonly tools: Tools & RunTools & NftTools;
}

/** Runs a command line, without the name of the program, and gives the exit code. Never throws. */
export async function runProgram(args: readonly string[], world: World): Promise<ExitCode> {
  const { output } = world;
  let exitCode: ExitCode = 0;
  const program = makeProgram(world, (code) => {
    exitCode = code;
  });
  try {
    if (args.length === 0)
      throw wrongUse(`no command given\n${program.helpInformation().trimEnd()}`);
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help and --version
    return reportError(fromCommander(error, program, args), output, args.includes('--json'));
  }
}

/** Commander says what is wrong; what to do about it is in the help of the command. */
function fromCommander(error: unknown, program: Command, args: readonly string[]): unknown {
  if (!(error instanceof CommanderError)) return error;
  const command = commandOf(program, args);
  const told = error.code === 'commander.help' ? noSuchWord(command, args) : error.message;
  const message = told.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  return wrongUse(withHelp(message.replace(/\.$/, ''), command));
}

function withHelp(message: string, command: Command): string {
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  return `${message}: "${names.join(' ')} --help" shows how to use it`;
}

/** The command that a command line is for, as far as its words are known. */
function commandOf(program: Command, args: readonly string[]): Command {
  let command = program;
  for (const word of args) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) return command;
    command = next;
  }
  return command;
}

/** Commander shows its help where a word is missing, and for "help" with a word that is no command. */
function noSuchWord(command: Command, args: readonly string[]): string {
  const help = args.indexOf('help');
  if (help >= 0) return `unknown command '${args[help + 1] ?? ''}' after help`;
  const words = command.commands.map((one) => one.name());
  return `no command given after ${command.name()}; there are ${words.join(', ')}`;
}

function makeProgram(world: World, done: (code: ExitCode) => void): Command {
  const { output, tools } = world;
  const program = new Command('zorp')
    .description('Zorp, a proxy firewall: the policy is a TypeScript program')
    .version(readVersion(), '--version', 'print the version')
    .helpOption('--help', 'show this help')
    .helpCommand('help [command]', 'show this help, or that of a command')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: () => undefined })
    .addHelpText('after', EXIT_CODES);
  addRun(program).action(async (path: string, options: RunFlags) => {
    done(await run(path, { ...options, json: options.json === true }, tools));
  });
  addCheck(program).action(async (path: string, options: Flags) => {
    const uncaught = watchUncaught(tools.process, `Cannot check ${path}`);
    done(
      await uncaught.unlessUncaught(check(path, { json: options.json === true }, output, tools)),
    );
  });
  const explaining = addExplain(program);
  explaining.action(async (path: string, options: ExplainFlags) => {
    const uncaught = watchUncaught(tools.process, `Cannot explain ${path}`);
    const { client, to } = options;
    // Not a requiredOption(): Commander looks for those before it looks for options that are misspelt.
    if (client === undefined) throw wrongUse(withHelp(missing('--client'), explaining));
    if (to === undefined) throw wrongUse(withHelp(missing('--to'), explaining));
    const asked = { ...options, client, to, json: options.json === true };
    done(await uncaught.unlessUncaught(explain(path, asked, output, tools)));
  });
  addNft(program, world, done);
  addCa(program, world, done);
  return program;
}

interface Flags {
  readonly json?: true;
}

/** All options of run are texts, but the flag. */
interface RunFlags extends Flags, Omit<RunOptions, 'json'> {}

/** All options of explain are texts, but those that may be repeated and the flag. */
interface ExplainFlags extends Flags, Omit<ExplainOptions, 'json' | 'client' | 'to'> {
  readonly client?: string;
  readonly to?: string;
}

function missing(option: string): string {
  return `required option '${option} <address>' not specified`;
}

const EXIT_CODES = `
Exit codes: 0 good, 1 refused or faulty, 2 wrong use.
Examples:
  zorp check policies/first.ts
  zorp explain policies/first.ts --listener explicit-proxy --client 127.0.0.1 --to 192.0.2.1
  zorp run policies/first.ts`;

const POLICY = 'the policy file, such as /etc/zorp/policy.ts';

function addRun(program: Command): Command {
  return program
    .command('run')
    .description('run an instance of a policy until a signal ends it')
    .argument('<policy>', POLICY)
    .option('--instance <name>', 'the instance to run; needed where the policy has several')
    .option('--user <name>', 'run as this user, with CAP_NET_ADMIN and CAP_NET_BIND_SERVICE alone')
    .option('--group <name>', "run in this group (default: the user's own)")
    .option('--json', 'write log lines as JSON also on a terminal')
    .addHelpText(
      'after',
      `
Decision records go to standard output, all other log lines to standard error.
SIGHUP loads the policy anew: a faulty one is refused, and the old one stays.
SIGTERM and SIGINT let sessions finish for at most 30 s; a second one ends at once.
With --user root starts it: it goes on as that user before it reads the policy.
Example:
  zorp run /etc/zorp/policy.ts --user zorp --instance internet`,
    );
}

function addCheck(program: Command): Command {
  return program
    .command('check')
    .description('load a policy and check its types: list every fault, or sum it up')
    .argument('<policy>', POLICY)
    .option('--json', 'print the result as a JSON object')
    .addHelpText('after', '\nExample:\n  zorp check /etc/zorp/policy.ts --json');
}

function addExplain(program: Command): Command {
  return program
    .command('explain')
    .description('show what would happen to a connection, and why')
    .argument('<policy>', POLICY)
    .option(
      '--client <address>',
      `IP address of the client, with or without a port (default port ${DEFAULT_CLIENT_PORT}); needed`,
    )
    .option(
      '--to <address>',
      `where the client wants to go: IP address or host name, with or without a port (default port ${DEFAULT_SERVER_PORT}); needed`,
    )
    .option(
      '--listener <name>',
      'the listener; default: the only one, or the one that listens on --to',
    )
    .option('--instance <name>', 'the instance; needed where the policy has several')
    .option('--source-port <number>', 'port of the client, as in --client')
    .option(
      '--protocol <name>',
      'tcp, udp, icmp, icmpv6 or a number (default: that of the listener)',
    )
    .option('--icmp-type <number>', 'type of the ICMP message')
    .option('--icmp-code <number>', 'its code (default: 0)')
    .option('--interface <name>', 'incoming interface (default: as the listener says)')
    .option('--interface-group <number>', 'its group (default: as the listener says, or 0)')
    .option(
      '--interface-address <address>',
      'a local address of it, may be repeated (default: where the listener listens)',
      collect,
    )
    .option('--request-id <number>', 'request id of the IPsec policy that it came through')
    .option('--detected <service>', 'what the detectors of the rule find: a service, or none')
    .option('--json', 'print the decision as a JSON object')
    .addHelpText('after', EXPLAIN_HELP);
}

/** The values of an option that may be repeated. */
function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

const EXPLAIN_HELP = `
Where the router lets the protocol name the server (in-band, overrideable), the
client connects to the first address of the listener and asks for --to there.
Otherwise --to is the address that the client connects to. A host name is looked
up first, and the first of its addresses is used.
Options from --protocol on are for listeners that ask the rules; --protocol also
tells a receiver from a listener at the same address.
Exit code: 0 if the connection is permitted, or if its first bytes are still to
tell the service; 1 if it is refused.
Examples:
  zorp explain policy.ts --client 10.1.2.3 --to www.example.org:443
  zorp explain policy.ts --client [2001:db8::7]:50000 --to 192.0.2.1 --listener web`;

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
