// What all commands share: where they write, how they end, and how they say that something is wrong.

import type { InterfaceTable } from '../address/interface-table.ts';
import type { LoadFault } from '../instance/load-fault.ts';
import { PolicyLoadError, showLoadFault } from '../instance/load-fault.ts';
import type { ResolveResult } from '../instance/host-lookup.ts';
import type { LoadedPolicy } from '../instance/load-policy.ts';
import type { ResolvedPolicy } from '../instance/resolve-names.ts';
import { escapeJson, escapeText } from '../log/escape.ts';
import { PacketFilterError } from '../packet-filter/packet-filter-error.ts';
import type { Paint } from '../log/paint.ts';

/** 0 good, 1 refused or faulty, 2 wrong use. */
export type ExitCode = 0 | 1 | 2;

/** Where a command writes. */
export interface Output {
  /** Standard output: what was asked for. */
  out(text: string): void;
  /** Standard error: what is wrong. */
  err(text: string): void;
  /** Colours of standard output, and of standard error. */
  readonly paintOut: Paint;
  readonly paintErr: Paint;
}

/** What the commands need of the world beside their output; tests hand in their own. */
export interface Tools {
  loadPolicy(path: string): Promise<LoadedPolicy>;
  typeCheck(path: string): Promise<readonly LoadFault[]>;
  /** Looks up the host names of a policy. */
  resolveNames(loaded: LoadedPolicy): Promise<ResolvedPolicy>;
  lookUpHost(host: string, timeoutMs: number): Promise<ResolveResult>;
  /** The interfaces of this machine now. */
  interfaces(): InterfaceTable;
}

/** Something is wrong that the user can mend: one sentence with the cure. */
export class CommandError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, exitCode: ExitCode = 1) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** A mistake on the command line itself. */
export function wrongUse(message: string): CommandError {
  return new CommandError('usage', message, 2);
}

/** A text that may have been made elsewhere, line by line, without anything that could command a terminal. */
export function safeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => `${escapeText(line)}\n`)
    .join('');
}

/** Says what is wrong on standard error, and with --json as an object on standard output too. */
export function reportError(error: unknown, output: Output, isJson: boolean): ExitCode {
  if (error instanceof PolicyLoadError) return reportFaults(error.faults, output, isJson);
  const known = knownError(error);
  const { code, message, exitCode } = known;
  output.err(`${output.paintErr('red', 'zorp:')} ${safeLines(message)}`);
  if (isJson) printJson(output, { ok: false, error: { code, message } });
  return exitCode;
}

/** Lists the faults of a policy, one a line, and counts them. */
export function reportFaults(
  faults: readonly LoadFault[],
  output: Output,
  isJson: boolean,
): ExitCode {
  const message = `The policy has ${countFaults(faults)}`;
  for (const fault of faults) output.err(safeLines(showLoadFault(fault)));
  output.err(`${output.paintErr('red', 'zorp:')} ${message}\n`);
  if (isJson) printJson(output, { ok: false, error: { code: 'policy', message }, faults });
  return 1;
}

/** Prints one object for machines, indented for people. */
export function printJson(output: Output, value: object): void {
  const lines = JSON.stringify(value, undefined, 2).split('\n');
  output.out(`${lines.map(escapeJson).join('\n')}\n`);
}

/** A sentence about host names without an address, as lines; nothing if there are none. */
export function unresolvedText(unresolved: readonly string[]): string {
  if (unresolved.length === 0) return '';
  const [what, have] =
    unresolved.length === 1 ? ['1 host name', 'has'] : [`${unresolved.length} host names`, 'have'];
  return safeLines(`${what} of the policy ${have} no address now: ${unresolved.join(', ')}`);
}

/** `1 fault`, `2 faults`. */
export function countFaults(faults: readonly LoadFault[]): string {
  return faults.length === 1 ? '1 fault' : `${faults.length} faults`;
}

function knownError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof PacketFilterError) return new CommandError(error.code, error.message);
  return unforeseen(error);
}

function unforeseen(error: unknown): CommandError {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new CommandError('bug', `${text}: this is a bug of Zorp, please report it`);
}
