// What the commands remember of the last commit: what it put in, what was there before, and who waits for its confirmation.

import { z } from 'zod';
import { PacketFilterError } from './packet-filter-error.ts';
import type { StateFolder } from './state-folder.ts';

const text = z.string().max(4096); // a path of Linux
const identity = {
  table: z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/),
  mark: z.int().min(1).max(0xffffffff),
  routingTable: z.int().min(1).max(0xffffffff),
  revision: text,
  policyFile: text,
};

const identitySchema = z.strictObject(identity);

const commitSchema = identitySchema.extend({
  /** Also the name of the file with the ruleset that was there before. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** ISO 8601. */
  at: z.iso.datetime(),
  /** `applying` for one that was killed before it knew how it went. */
  step: z.enum(['applying', 'done']),
});

const pendingSchema = z.strictObject({
  /** The process that waits; none as long as it is not started. */
  guard: z.strictObject({ pid: z.int().min(2), startTick: z.string().regex(/^\d+$/) }).optional(),
  /** ISO 8601, for people. */
  until: z.iso.datetime(),
  /** Milliseconds of the clock that only goes forward, the same for all processes of this start of the machine. */
  untilMs: z.number(),
});

const stateSchema = z.strictObject({
  version: z.literal(1),
  bootId: z.string(),
  commit: commitSchema.optional(),
  /** What a rollback brings back; none where there is nothing to go back to. */
  before: z
    .union([
      z.strictObject({ kind: z.literal('nothing') }),
      z.strictObject({ kind: z.literal('ruleset'), file: text, commit: commitSchema }),
    ])
    .optional(),
  pending: pendingSchema.optional(),
  rolledBack: z
    .strictObject({ at: z.iso.datetime(), why: z.enum(['asked', 'not-confirmed']) })
    .optional(),
});

/** Which ruleset it is, and what it takes on the machine beside its table. */
export type RulesetIdentity = z.infer<typeof identitySchema>;
/** The last commit. */
export type Commit = z.infer<typeof commitSchema>;
/** A commit that waits for its confirmation. */
export type Pending = z.infer<typeof pendingSchema>;
/** All that is remembered. */
export type SavedState = z.infer<typeof stateSchema>;
/** What a rollback brings back. */
export type Before = NonNullable<SavedState['before']>;
/** The same without what the store adds by itself. */
export type StateToSave = Omit<SavedState, 'version' | 'bootId'>;

const STATE_FILE = 'state.json';
const BEFORE = /^before-[0-9a-f]{16}\.nft$/;

/** Reads and writes it. */
export class StateStore {
  readonly folder: StateFolder;
  readonly #bootId: string;

  constructor(folder: StateFolder, bootId: string) {
    this.folder = folder;
    this.#bootId = bootId;
  }

  /** What is remembered; undefined where nothing is, or the machine was started anew, which forgets its packet filter. */
  read(): SavedState | undefined {
    if (!this.folder.exists()) return undefined;
    const json = this.folder.read(STATE_FILE);
    if (json === undefined) return undefined;
    const parsed = stateSchema.safeParse(parseJson(json));
    if (!parsed.success)
      throw new PacketFilterError(
        'state.unreadable',
        `${this.folder.file(STATE_FILE)} is not what Zorp wrote: look at the packet filter with "nft list ruleset", and remove that file`,
      );
    return parsed.data.bootId === this.#bootId ? parsed.data : undefined;
  }

  /** Remembers. */
  write(state: StateToSave): void {
    const whole: SavedState = { ...state, version: 1, bootId: this.#bootId };
    this.folder.write(STATE_FILE, JSON.stringify(whole, undefined, 2));
  }

  /** Goes back to what was remembered before; undefined for nothing. */
  restore(state: SavedState | undefined): void {
    if (state === undefined) this.folder.remove(STATE_FILE);
    else this.write(state);
    this.tidy(state);
  }

  /** Removes the files with earlier rulesets that a state does not refer to any more. */
  tidy(state: StateToSave | undefined): void {
    const kept = state?.before?.kind === 'ruleset' ? state.before.file : undefined;
    for (const name of this.folder.names())
      if (BEFORE.test(name) && name !== kept) this.folder.remove(name);
  }

  /** Keeps the ruleset that is there before a commit, in nft's text. @returns the name of its file. */
  keepBefore(commitId: string, ruleset: string): string {
    const file = `before-${commitId}.nft`;
    this.folder.write(file, ruleset);
    return file;
  }

  /** The ruleset of such a file. */
  readBefore(file: string): string {
    const ruleset = BEFORE.test(file) ? this.folder.read(file) : undefined;
    if (ruleset !== undefined) return ruleset;
    throw new PacketFilterError(
      'state.lost',
      `The ruleset before the last commit is gone (${this.folder.file(file)}): commit the policy that you want`,
    );
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
