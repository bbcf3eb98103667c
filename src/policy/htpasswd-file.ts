// The files of an htpasswd provider, read strictly: a line that is skipped would be a user who is locked out unseen, and
// a weak hash one whose password is anybody's who reads the file.

import type { LiveFault } from '../proxy/live-input.ts';
import type { ListLine } from './list-lines.ts';
import { lineFault, listLines, toldFaults } from './list-lines.ts';

/** What was read of a file, or everything that is wrong with it. */
export type FileResult<Content> =
  | { readonly ok: true; readonly content: Content }
  | { readonly ok: false; readonly faults: readonly LiveFault[] };

/** The passwords of a file. */
export interface PasswordFile {
  readonly hashes: ReadonlyMap<string, string>;
  /**
   * A hash that no password has, as dear to check as the dearest of the file: checked for users that are not there, so
   * that the time of an answer does not tell who is.
   */
  readonly decoy: string;
}

const BCRYPT = /^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}$/;
const MIN_COST = 4;
// Twice the work at each step: 14 takes more than a second for each check.
const MAX_COST = 14;
const DECOY_COST = 10; // of an empty file
// Salt and hash of a decoy: the salt is sound, and that a password has this hash is as likely as to guess 184 bits.
const DECOY_REST = `${'.'.repeat(22)}${'Zorp'.repeat(7)}Zor`;

const LINES_IN_A_STEP = 1_000;

// The name is a part of no hash, so that faults never show one.
const PASSWORD_CURE = 'write a line such as "alice:$2y$10$...", as `htpasswd -B FILE alice` does';

/** Reads lines `user:hash`. */
export function* readPasswordFile(
  text: string,
): Generator<undefined, FileResult<PasswordFile>, undefined> {
  const hashes = new Map<string, string>();
  const faults: LiveFault[] = [];
  let cost = 0;
  let count = 0;
  for (const entry of listLines(text)) {
    if (++count % LINES_IN_A_STEP === 0) yield;
    const [user = '', hash = ''] = entry.text.split(':', 2);
    const cure = passwordCure(user, hash, hashes);
    if (cure === undefined) {
      hashes.set(user, hash);
      cost = Math.max(cost, costOf(hash));
    } else faults.push(lineFault({ ...entry, text: user }, cure));
  }
  if (faults.length > 0) return { ok: false, faults: toldFaults(faults) };
  const rounds = String(cost === 0 ? DECOY_COST : cost).padStart(2, '0');
  return { ok: true, content: { hashes, decoy: `$2b$${rounds}$${DECOY_REST}` } };
}

function passwordCure(
  user: string,
  hash: string,
  hashes: ReadonlyMap<string, string>,
): string | undefined {
  if (user === '' || /[\0-\x20\x7f]/.test(user) || hash === '') return PASSWORD_CURE;
  if (hashes.has(user)) return 'remove it: the same user is there already';
  if (!BCRYPT.test(hash)) return hashCure(hash);
  const cost = costOf(hash);
  if (cost < MIN_COST || cost > MAX_COST)
    return `make the hash anew with a cost of ${MIN_COST} to ${MAX_COST}: htpasswd -B -C 10`;
  return undefined;
}

function hashCure(hash: string): string {
  const anew = 'make the hash anew with bcrypt: htpasswd -B';
  if (hash.startsWith('$apr1$') || hash.startsWith('$1$')) return `MD5 is guessed fast: ${anew}`;
  if (hash.startsWith('{SHA}')) return `SHA-1 without salt is guessed fast: ${anew}`;
  if (hash.startsWith('$2')) return `the hash is damaged: ${anew}`;
  return `the hash is not bcrypt: ${anew}`;
}

function costOf(hash: string): number {
  return Number(BCRYPT.exec(hash)?.[1]);
}

const GROUP_CURE = 'write a line such as "staff: alice bob"';

/** Reads lines `group: user user`; a group may have several. Gives the groups of each user. */
export function* readGroupFile(
  text: string,
): Generator<undefined, FileResult<ReadonlyMap<string, readonly string[]>>, undefined> {
  const groups = new Map<string, string[]>();
  const faults: LiveFault[] = [];
  let count = 0;
  for (const entry of listLines(text)) {
    if (++count % LINES_IN_A_STEP === 0) yield;
    const line = groupLine(entry);
    if (line === undefined) faults.push(lineFault(entry, GROUP_CURE));
    else for (const user of line.users) addTo(groups, user, line.group);
  }
  return faults.length > 0
    ? { ok: false, faults: toldFaults(faults) }
    : { ok: true, content: groups };
}

function groupLine({ text }: ListLine): { group: string; users: readonly string[] } | undefined {
  const found = /^([^:\s]+):((?:\s+\S+)*)$/.exec(text);
  if (found === null) return undefined;
  const [, group = '', users = ''] = found;
  return { group, users: users.split(/\s+/).filter((user) => user !== '') };
}

function addTo(groups: Map<string, string[]>, user: string, group: string): void {
  const known = groups.get(user);
  if (known === undefined) groups.set(user, [group]);
  else if (!known.includes(group)) known.push(group);
}
