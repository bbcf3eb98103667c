// `zorp run --user`: goes on as another user, with the two capabilities that a firewall needs and nothing else of root's,
// before a policy is loaded and a socket opened. And what programs of a policy get of these capabilities: nothing.

import { accessSync, constants } from 'node:fs';
import type { Capability, CapabilitySets } from '../io/capabilities.ts';
import { hasCapability, keepFromPrograms, readCapabilities } from '../io/capabilities.ts';
import type { LibcReading } from '../io/libc.ts';
import { loadLibc } from '../io/libc.ts';
import type { SwitchTo, Trial } from '../io/switch-user.ts';
import { switchUser, trySwitch } from '../io/switch-user.ts';
import type { Group, User } from '../io/user-database.ts';
import { findGroup, findUser } from '../io/user-database.ts';

/** Who to run as. */
export interface RunAs {
  /** A name or a number. */
  readonly user: string;
  /** A name or a number. Default: the user's own group. */
  readonly group?: string | undefined;
}

/** What is asked of the system; tests hand in their own. */
export interface UserSystem {
  readonly platform: string;
  readonly uid: number;
  readonly gid: number;
  readonly capabilities: () => CapabilitySets;
  readonly findUser: (name: string) => User | undefined;
  readonly findGroup: (name: string) => Group | undefined;
  readonly libc: () => LibcReading;
  readonly try: (to: SwitchTo, files: readonly string[]) => Trial;
  readonly become: (to: SwitchTo) => never;
}

// For transparent sockets, marks and foreign addresses; for ports below 1024.
const KEPT: readonly Capability[] = ['net_admin', 'net_bind_service'];

/**
 * Returns if this process runs as that user already, and otherwise starts it anew as that user. Throws an Error with the
 * cure if that cannot be, or if the user could not read one of the files.
 */
export function becomeUser(
  wanted: RunAs,
  files: readonly string[],
  system: UserSystem = realSystem(),
): void {
  const { user, group } = find(wanted, system);
  if (system.uid === user.uid && (group === undefined || group.gid === system.gid)) return;
  if (system.uid !== 0) throw notRoot(user, group, system);
  const { missing } = system.libc();
  if (missing !== undefined) {
    throw new Error(
      `Cannot run as ${user.name}: programs of the policy would get the capabilities of Zorp. ${missing}`,
    );
  }
  const { permitted } = system.capabilities();
  const capabilities = KEPT.filter((name) => hasCapability(permitted, name));
  const to = { user, group, capabilities };
  refuseIfUnable(to, system.try(to, files));
  system.become(to);
}

/**
 * Keeps programs of the policy from getting capabilities of this process, which it has when another user than root was
 * given them. @returns a sentence that says why they do get them, if that cannot be helped.
 */
export function keepCapabilitiesFromPrograms(
  system: Pick<UserSystem, 'platform' | 'capabilities' | 'libc'> = realSystem(),
): string | undefined {
  if (system.platform !== 'linux') return undefined;
  const sets = system.capabilities();
  if (sets.ambient === 0n && sets.inheritable === 0n) return undefined;
  const { libc, missing } = system.libc();
  if (libc === undefined) return `Programs of the policy get the capabilities of Zorp: ${missing}`;
  keepFromPrograms(libc, sets);
  return undefined;
}

function find(wanted: RunAs, system: UserSystem): Pick<SwitchTo, 'user' | 'group'> {
  if (system.platform !== 'linux') throw new Error('Cannot run as another user: only Linux can');
  const user = system.findUser(wanted.user);
  if (user === undefined) throw unknown('user', wanted.user, 'useradd --system');
  if (user.uid === 0) {
    throw new Error(`Cannot run as ${user.name}: it keeps every right of root; name another user`);
  }
  return { user, group: wanted.group === undefined ? undefined : groupOf(wanted.group, system) };
}

function groupOf(name: string, system: UserSystem): Group {
  const group = system.findGroup(name);
  if (group === undefined) throw unknown('group', name, 'groupadd --system');
  return group;
}

function unknown(what: string, name: string, command: string): Error {
  const shown = JSON.stringify(name);
  return new Error(
    `Cannot run as ${what} ${shown}: there is none of that name; create it with "${command}", or name another`,
  );
}

function notRoot(user: User, group: Group | undefined, { uid }: UserSystem): Error {
  if (uid !== user.uid) {
    return new Error(
      `Cannot run as ${user.name}: only root may become another user; start Zorp as root, or as ${user.name} itself`,
    );
  }
  const name = group?.name ?? '';
  return new Error(
    `Cannot run in group ${name}: only root may change it; start Zorp as root, or in that group`,
  );
}

function refuseIfUnable({ user }: SwitchTo, trial: Trial): void {
  if (!trial.ok) {
    const cure =
      'setpriv, of the package util-linux, and the capabilities CAP_SETUID, CAP_SETGID and CAP_SETPCAP do it';
    throw new Error(`Cannot run as ${user.name}: ${trial.error}; ${cure}`);
  }
  const [first] = trial.unreadable;
  if (first === undefined) return;
  throw new Error(
    `Cannot run as ${user.name}, who cannot read ${first}: let that user read it and enter its folders, with chmod or chgrp`,
  );
}

/** A file that nobody can read is told by whoever wants to read it. */
function readable(files: readonly string[]): readonly string[] {
  return files.filter((file) => {
    try {
      accessSync(file, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function realSystem(): UserSystem {
  return {
    platform: process.platform,
    uid: process.geteuid?.() ?? -1,
    gid: process.getegid?.() ?? -1,
    capabilities: readCapabilities,
    findUser,
    findGroup,
    libc: loadLibc,
    try: (to, files) => trySwitch(to, readable([process.execPath, ...ownFiles(), ...files])),
    become: switchUser,
  };
}

/** The program itself, which that user must read, too. */
function ownFiles(): readonly string[] {
  return process.argv.slice(1, 2);
}
