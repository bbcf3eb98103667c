// Waits for the confirmation of a commit, and takes the commit back if none comes.

import { setTimeout as pause } from 'node:timers/promises';
import type { Machine } from './machine.ts';
import { toolsOf } from './machine.ts';
import { isWaiting, rollBackUnconfirmed } from './roll-back.ts';

/** How it ended: somebody confirmed or took back the commit, or the guard did. */
export type GuardEnd = 'not-needed' | 'rolled-back';

/** What a guard needs beside the machine. */
export interface GuardOptions {
  readonly commitId: string;
  /** Whether it is told to end: then it does not wait any longer. */
  readonly isAskedToEnd: () => boolean;
  readonly log: (text: string) => void;
  readonly pollMs?: number;
  readonly retryMs?: number;
}

/** A look at a small file; whoever confirms sees the guard go within this time. */
const POLL_MS = 250;
/** Whatever keeps a rollback from working may pass; the administrator cannot get in before. */
const RETRY_MS = 5_000;
const MAX_LOGGED = 100; // lines: a guard that fails for days must not fill the memory that /run is in

/** Guards a commit. Never rejects: what goes wrong is logged and tried again. */
export async function guardCommit(machine: Machine, options: GuardOptions): Promise<GuardEnd> {
  const { commitId, isAskedToEnd, pollMs = POLL_MS, retryMs = RETRY_MS } = options;
  let failures = 0;
  for (;;) {
    try {
      const state = toolsOf(machine).store.read();
      if (!isWaiting(state, commitId)) return 'not-needed';
      if (machine.monotonicMs() >= state.pending.untilMs || isAskedToEnd())
        return (await rollBackUnconfirmed(machine, commitId)) ? 'rolled-back' : 'not-needed';
      await pause(Math.min(pollMs, Math.max(1, state.pending.untilMs - machine.monotonicMs())));
    } catch (error) {
      failures += 1;
      if (failures <= MAX_LOGGED)
        options.log(`${new Date(machine.now()).toISOString()} ${messageOf(error)}`);
      await pause(retryMs);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
