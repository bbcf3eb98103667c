// The words of `zorp ca`: makes the authorities that certificates made on the fly are signed by, shows them, and exports
// what clients need of them.

import type { Command } from 'commander';
import type { AuthorityFacts, AuthorityKind } from '../instance/authority-files.ts';
import {
  AUTHORITY_KINDS,
  AuthorityFilesError,
  DEFAULT_AUTHORITY_FOLDER,
  initAuthorities,
  readAuthorityCertificate,
  showAuthorities,
  writeExport,
} from '../instance/authority-files.ts';
import type { ExitCode, Output } from './command.ts';
import { CommandError, printJson, safeLines, wrongUse } from './command.ts';

interface FolderFlags {
  readonly dir: string;
  readonly json?: true;
}

interface InitFlags extends FolderFlags {
  readonly name: string;
  readonly passphraseFile?: string;
}

interface ExportFlags extends FolderFlags {
  readonly authority: string;
  readonly form: string;
  readonly out?: string;
}

type Done = (code: ExitCode) => void;

/** Adds `zorp ca` to the command line. */
export function addCa(program: Command, { output }: { readonly output: Output }, done: Done): void {
  const ca = program
    .command('ca')
    .description('the authorities of dynamicCertificate(): make, show and export them')
    .helpCommand('help [command]', 'show this help, or that of a command')
    .addHelpText('after', '\nExamples:\n  zorp ca init --name "Example Ltd"\n  zorp ca export');
  withFolder(ca.command('init'))
    .description('make both authorities: one that clients are to trust, and one for bad servers')
    .option('--name <name>', 'what people see where they trust it', 'Zorp')
    .option('--passphrase-file <file>', 'a file whose first line encrypts the keys')
    .action((flags: InitFlags) => done(caInit(flags, output)));
  withFolder(ca.command('show'))
    .description('show names, fingerprints and dates')
    .action((flags: FolderFlags) => done(caShow(flags, output)));
  withFolder(ca.command('export'))
    .description('write the certificate, never the key, for clients')
    .option('--authority <kind>', AUTHORITY_KINDS.join(' or '), 'trusted')
    .option('--form <form>', 'pem, or der for systems that want it', 'pem')
    .option('--out <file>', 'where to (default: standard output; der needs a file)')
    .action((flags: ExportFlags) => done(caExport(flags, output)));
}

function withFolder(command: Command): Command {
  return command
    .option('--dir <folder>', 'the folder of the authorities', DEFAULT_AUTHORITY_FOLDER)
    .option('--json', 'print the result as a JSON object');
}

function caInit({ dir, name, passphraseFile, json }: InitFlags, output: Output): ExitCode {
  if (name.trim() === '' || name.length > MAX_NAME)
    throw wrongUse(`--name must have 1 to ${MAX_NAME} characters`);
  const wish = { folder: dir, name, passphraseFile, now: Date.now() };
  show(
    mended(() => initAuthorities(wish)),
    json === true,
    output,
  );
  return 0;
}

const MAX_NAME = 32; // with what is added to it a common name has room for 64 (RFC 5280, A.1)

function caShow({ dir, json }: FolderFlags, output: Output): ExitCode {
  show(
    mended(() => showAuthorities(dir)),
    json === true,
    output,
  );
  return 0;
}

function show(facts: readonly AuthorityFacts[], isJson: boolean, output: Output): void {
  if (isJson) {
    printJson(output, { ok: true, authorities: facts });
    return;
  }
  for (const { kind, subject, fingerprint, certificate, ...dates } of facts) {
    const { validFrom, validTo } = dates;
    const lines = [
      `${kind}: ${subject}`,
      `  certificate ${certificate}`,
      `  SHA-256     ${fingerprint}`,
      `  valid       ${validFrom.toISOString()} to ${validTo.toISOString()}`,
    ];
    for (const line of lines) output.out(safeLines(line));
  }
}

function caExport({ dir, authority, form, out, json }: ExportFlags, output: Output): ExitCode {
  if (!isKind(authority)) throw wrongUse(`--authority must be ${AUTHORITY_KINDS.join(' or ')}`);
  if (form !== 'pem' && form !== 'der') throw wrongUse('--form must be pem or der');
  if (form === 'der' && out === undefined) throw wrongUse('--form der needs --out <file>');
  const certificate = mended(() => readAuthorityCertificate(dir, authority));
  const pem = certificate.toString();
  if (out !== undefined) mended(() => writeExport(out, form === 'der' ? certificate.raw : pem));
  if (json === true) printJson(output, { ok: true, certificate: pem });
  else if (out === undefined) output.out(pem);
  return 0;
}

function isKind(text: string): text is AuthorityKind {
  return AUTHORITY_KINDS.some((kind) => kind === text);
}

function mended<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (error instanceof AuthorityFilesError) throw new CommandError('ca', error.message);
    throw error;
  }
}
