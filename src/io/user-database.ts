// The users and groups of the machine, as its name service knows them: files, LDAP and whatever else getent(1) asks.

import { spawnSync } from 'node:child_process';

/** A user. */
export interface User {
  readonly name: string;
  readonly uid: number;
  /** The user's own group. */
  readonly gid: number;
}

/** A group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
}

/** The user of this name or number; undefined if there is none. Throws an Error when nobody can be asked. */
export function findUser(name: string): User | undefined {
  // passwd(5): name:password:uid:gid:...
  const [found, , uid, gid] = ask('passwd', name);
  return found === undefined ? undefined : { name: found, uid: Number(uid), gid: Number(gid) };
}

/** The group of this name or number; undefined if there is none. Throws an Error when nobody can be asked. */
export function findGroup(name: string): Group | undefined {
  // group(5): name:password:gid:members
  const [found, , gid] = ask('group', name);
  return found === undefined ? undefined : { name: found, gid: Number(gid) };
}

const NOT_FOUND = 2; // getent(1), EXIT STATUS

function ask(database: 'passwd' | 'group', name: string): readonly string[] {
  const { status, stdout, error } = spawnSync('getent', [database, '--', name], {
    encoding: 'utf8',
  });
  if (status === NOT_FOUND) return [];
  if (status === 0) return stdout.split('\n', 1).join('').split(':');
  const why = error?.message ?? `exit code ${status ?? 'none'}`;
  throw new Error(
    `Cannot ask for ${database} "${name}": getent, of the package libc-bin, fails: ${why}`,
  );
}
