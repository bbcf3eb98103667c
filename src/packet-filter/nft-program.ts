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

/** Runs nft. Every method throws a PacketFilterError where nft cannot be run at all. */
export class NftProgram {
  readonly #run: RunCommand;
  readonly #onChange: (pid: number) => void;

  /** `onChange` is told the process that is about to change the kernel's tables, before it can. */
  constructor(run: RunCommand, onChange: (pid: number) => void = () => undefined) {
    this.#run = run;
    this.#onChange = onChange;
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
    if (end.kind === 'ended' && end.status !== 0 && /No such file/.test(end.stderr))
      return undefined;
    return succeeded(end).stdout;
  }

  /** Lets the kernel check a transaction, and changes nothing. */
  check(transaction: Transaction): Promise<TransactionResult> {
    return this.#transact(transaction, ['-c']);
  }

  /** Applies a transaction: all of it, or nothing. */
  apply(transaction: Transaction): Promise<TransactionResult> {
    return this.#transact(transaction, [], this.#onChange);
  }

  /**
   * By standard input, not by a file: nft then does nothing before all of it has arrived, and nothing at all if this
   * process dies on the way, for half a table is wrong syntax.
   */
  async #transact(
    transaction: Transaction,
    flags: readonly string[],
    onStart?: (pid: number) => void,
  ): Promise<TransactionResult> {
    const isJson = transaction.kind === 'json';
    const input = isJson ? JSON.stringify({ nftables: transaction.commands }) : transaction.text;
    const args = [...(isJson ? ['-j'] : []), ...flags, '-f', '-'];
    const end = await this.#run({
      ...{ program: 'nft', args, input },
      ...(onStart === undefined ? {} : { onStart }),
    });
    if (end.kind === 'ended' && end.status === 0) return { ok: true };
    if (end.kind === 'ended' && !isNotPermitted(end.stderr) && !lacksJson(end.stderr))
      return { ok: false, complaint: firstComplaint(end.stderr) };
    throw failureOf(end);
  }
}

/** What a run printed. @throws PacketFilterError if it failed. */
function succeeded(end: CommandEnd): { readonly stdout: string } {
  if (end.kind === 'ended' && end.status === 0) return end;
  throw failureOf(end);
}

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
  if (isNotPermitted(end.stderr))
    return new PacketFilterError(
      'nft.not-permitted',
      'The kernel does not let this user see the packet filter: run it as root, or with the capability CAP_NET_ADMIN',
    );
  if (lacksJson(end.stderr))
    return new PacketFilterError(
      'nft.no-json',
      'The program nft does not speak JSON: install a package nftables that is built with it',
    );
  const told = firstComplaint(end.stderr);
  return new PacketFilterError('nft.failed', `The program nft ended with ${end.status}: ${told}`);
}

function isNotPermitted(complaint: string): boolean {
  return /Operation not permitted/.test(complaint);
}

function lacksJson(complaint: string): boolean {
  return /JSON support not compiled/.test(complaint);
}

const MAX_COMPLAINT = 300; // characters: nft repeats the line that it means, which may have a whole set

/** What nft complained about first, in one line. */
function firstComplaint(text: string): string {
  const [first = ''] = text.split('\n').filter((line) => line.trim() !== '');
  const told = first.replace(/^internal:0:0-0: /, '').replace(/^.*?\bError: /, '');
  return told === '' ? 'it does not say why' : told.slice(0, MAX_COMPLAINT);
}
