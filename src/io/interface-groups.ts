// Names of interface groups, as iproute2 keeps them for `ip link set DEVICE group NAME`.

import { readFileSync } from 'node:fs';
import type { GroupNames } from '../address/interface-table.ts';

// The first that is there counts, as for `ip` itself (iproute2, lib/rt_names.c).
const FILES = [
  '/etc/iproute2/group',
  '/usr/share/iproute2/group',
  '/usr/lib/iproute2/group',
] as const;

const NONE: GroupNames = new Map();

/** The group names of this machine, read anew; none where iproute2 is not installed. */
export function readGroupNames(files: readonly string[] = FILES): GroupNames {
  for (const file of files) {
    const text = readIfThere(file);
    if (text !== undefined) return parseGroupNames(text);
  }
  return NONE;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // one that cannot be read has no names to tell
  }
}

/** The names in a text with a number and a name on each line; what is no such line is left out, as `ip` does. */
export function parseGroupNames(text: string): GroupNames {
  const names = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [number = '', name] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    const group = groupNumber(number);
    if (group !== undefined && name !== undefined) names.set(name, group);
  }
  return names;
}

const NUMBER = /^(?:0x[0-9a-f]{1,8}|[0-9]{1,10})$/i;
const MAX_GROUP = 0xffff_ffff;

function groupNumber(text: string): number | undefined {
  const group = NUMBER.test(text) ? Number(text) : undefined;
  return group === undefined || group > MAX_GROUP ? undefined : group;
}
