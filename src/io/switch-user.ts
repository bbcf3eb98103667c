// Becomes another user, with a few capabilities kept: by setpriv(1), which this process is replaced by and which starts it
// anew. docs/adr/0020-another-user.md says why it is not done within the process.

import { spawnSync } from 'node:child_process';
import { execve } from 'node:process';
import type { Capability } from './capabilities.ts';
import type { Group, User } from './user-database.ts';

/** Who to become. */
export interface SwitchTo {
  readonly user: User;
  /** Default: the user's own. */
  readonly group?: Group | undefined;
  /** What is kept, in all sets; everything else is given up for good. */
  readonly capabilities: readonly Capability[];
}

/** The command that runs another command as that user. */
export function switchCommand({ user, group, capabilities }: SwitchTo): readonly string[] {
  const kept = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  return [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${group?.gid ?? user.gid}`,
    '--init-groups',
    `--inh-caps=${kept}`,
    `--ambient-caps=${kept}`,
    `--bounding-set=${kept}`,
    '--no-new-privs',
    // Whoever asked for the death of this process when its own comes, still wants that.
    '--pdeathsig=keep',
    '--',
  ];
}

/** What came of a trial. */
export type Trial =
  | { readonly ok: true; readonly unreadable: readonly string[] }
  | { readonly ok: false; readonly error: string };

// Each name stands on a line of its own, and no word of it is read by the shell.
const PRINT_UNREADABLE = 'for file; do test -r "$file" || printf "%s\\n" "$file"; done';

/** Becomes that user in a child, and finds which files it cannot read. Never throws. */
export function trySwitch(to: SwitchTo, files: readonly string[]): Trial {
  const [program = '', ...args] = switchCommand(to);
  const command = [...args, '/bin/sh', '-c', PRINT_UNREADABLE, 'sh', ...files];
  const { status, stdout, stderr, error } = spawnSync(program, command, { encoding: 'utf8' });
  if (error !== undefined) return { ok: false, error: error.message };
  if (status !== 0) return { ok: false, error: stderr.trim().split('\n', 1).join('') };
  return { ok: true, unreadable: stdout.split('\n').filter((line) => line !== '') };
}

/** Goes on as that user with the command that this process was started with, from its beginning; keeps its pid. */
export function switchUser(to: SwitchTo): never {
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // env(1) looks for setpriv in PATH, which execve does not.
  execve?.('/usr/bin/env', ['env', ...switchCommand(to), ...again], process.env);
  throw new Error('This system cannot replace a process by another');
}
