// The nft program: what the kernel's tables hold, and transactions that are checked or applied as a whole (nft(8)).

import type { Listing } from './nft-listing.ts';
import { parseListing } from './nft-listing.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import type { CommandEnd, RunCommand } from './run-command.ts';

/** Commands in nft's own text, or as JSON (libnftables-json(5)). */
export type Transaction =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly commands: readonly object[] };

/** What nft said about a transaction: nothing, or its complaint. */
export type TransactionResult =
  { readonly ok: true } | { readonly ok: false; readonly complaint: string };

/** The family of our tables: IPv4 and IPv6 in one. */
export const FAMILY = 'inet';

/** What is needed to change the kernel's tables. */
export interface Applying {
  /** Writes the whole transaction into a file of this user alone. @returns its path. */
  writeInput(text: string): string;
  /** Is told the process that is about to change the tables, before it can. */
  onStart(pid: number): void;
}

/**
 * How long nft may take for a transaction: the kernel looks through all of it for each set that a rule names, so that the
 * time grows with the square of the rules. 10,000 take about a minute, and a machine may be slow.
 */
const TRANSACTION_TIMEOUT_MS = 300_000;

// nft opens /dev/stdin by its name, which works with a pipe but not with the socket that Node gives to a child.
const THROUGH_PIPE = 'cat | exec nft "$@" -f -';
// Nothing happens before the process that started this has written down its number and says so; exec keeps the number.
const WHEN_TOLD = 'read -r go && exec nft "$@"';

/** Runs nft. Every method throws a PacketFilterError where nft cannot be run at all. */
export class NftProgram {
  readonly #run: RunCommand;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  /** Its version, such as `1.0.6`. */
  async version(): Promise<string> {
    const { stdout } = succeeded(await this.#run({ program: 'nft', args: ['--version'] }));
    const version = /^nftables v(\d+(?:\.\d+)+)/.exec(stdout)?.[1];
    if (version !== undefined) return version;
    throw new PacketFilterError(
      'nft.unreadable',
      'The program nft does not tell its version: install the package nftables',
    );
  }

  /** The table of this name with everything in it; undefined if there is none. */
  async list(table: string): Promise<Listing | undefined> {
    const text = await this.#list(table, ['-j']);
    return text === undefined ? undefined : parseListing(text);
  }

  /** The same in nft's own text, which restores the table when it is read again. */
  listText(table: string): Promise<string | undefined> {
    return this.#list(table, []);
  }

  async #list(table: string, flags: readonly string[]): Promise<string | undefined> {
    const args = [...flags, 'list', 'table', FAMILY, table];
    const end = await this.#run({ program: 'nft', args });
    if (end.kind === 'ended' && end.status !== 0 && end.stderr.includes('No such file'))
      return undefined;
    return succeeded(end).stdout;
  }

  /** Lets the kernel check a transaction, and changes nothing. */
  async check(transaction: Transaction): Promise<TransactionResult> {
    const args = ['-c', THROUGH_PIPE, 'nft', ...flagsOf(transaction), '-c'];
    const input = inputOf(transaction);
    return resultOf(
      await this.#run({ program: 'sh', args, input, timeoutMs: TRANSACTION_TIMEOUT_MS }),
    );
  }

  /** Applies a transaction: all of it, or nothing. If this process dies meanwhile nft still does either. */
  async apply(transaction: Transaction, applying: Applying): Promise<TransactionResult> {
    const path = applying.writeInput(inputOf(transaction));
    const args = ['-c', WHEN_TOLD, 'nft', ...flagsOf(transaction), '-f', path];
    const onStart = (pid: number): void => applying.onStart(pid);
    const timeoutMs = TRANSACTION_TIMEOUT_MS;
    return resultOf(await this.#run({ program: 'sh', args, input: 'go\n', onStart, timeoutMs }));
  }
}

function flagsOf({ kind }: Transaction): readonly string[] {
  return kind === 'json' ? ['-j'] : [];
}

function inputOf(transaction: Transaction): string {
  return transaction.kind === 'json'
    ? JSON.stringify({ nftables: transaction.commands })
    : transaction.text;
}

function resultOf(end: CommandEnd): TransactionResult {
  if (end.kind === 'ended' && end.status === 0) return { ok: true };
  if (end.kind === 'failed' || NOT_ABOUT_INPUT.some(({ pattern }) => pattern.test(end.stderr)))
    throw failureOf(end);
  return { ok: false, complaint: firstComplaint(end.stderr) };
}

/** What a run printed. @throws PacketFilterError if it failed. */
function succeeded(end: CommandEnd): { readonly stdout: string } {
  if (end.kind === 'ended' && end.status === 0) return end;
  throw failureOf(end);
}

/** Complaints that are not about what nft was given. */
const NOT_ABOUT_INPUT = [
  {
    pattern: /^(?:.*: )?nft: not found$/m,
    code: 'nft.missing',
    message: 'The program nft is not installed: install the package nftables',
  },
  {
    pattern: /Operation not permitted/,
    code: 'nft.not-permitted',
    message:
      'The kernel does not let this user at the packet filter: run it as root, or with the capability CAP_NET_ADMIN',
  },
  {
    pattern: /JSON support not compiled/,
    code: 'nft.no-json',
    message:
      'The program nft does not speak JSON: install a package nftables that is built with it',
  },
  {
    pattern: /Unable to initialize Netlink|Protocol not supported/,
    code: 'kernel.missing',
    message:
      'The kernel has no nftables: load its module with "modprobe nf_tables", or run a kernel with CONFIG_NF_TABLES',
  },
];

function failureOf(end: CommandEnd): PacketFilterError {
  if (end.kind === 'failed') {
    if (end.reason === 'ENOENT')
      return new PacketFilterError(
        'nft.missing',
        'The program nft is not installed: install the package nftables',
      );
    const what = end.reason === 'timeout' ? 'did not end in time' : `failed (${end.reason})`;
    return new PacketFilterError('nft.failed', `The program nft ${what}: try again`);
  }
  const known = NOT_ABOUT_INPUT.find(({ pattern }) => pattern.test(end.stderr));
  if (known !== undefined) return new PacketFilterError(known.code, known.message);
  const told = firstComplaint(end.stderr);
  return new PacketFilterError('nft.failed', `The program nft ended with ${end.status}: ${told}`);
}

const MAX_COMPLAINT = 300; // characters: nft repeats the line that it means, which may have a whole set

/** What nft complained about first, in one line. */
function firstComplaint(text: string): string {
  const [first = ''] = text.split('\n').filter((line) => line.trim() !== '');
  const told = first.replace(/^internal:0:0-0: /, '').replace(/^.*?\bError: /, '');
  return told === '' ? 'it does not say why' : told.slice(0, MAX_COMPLAINT);
}
