// The sessions of an instance that run. A Set would do, but for the garbage collector: the tables that a Set has outgrown
// keep what was in them, and one another, until old space is swept, and so each session would get that old.

import type { Revision } from './connection.ts';

/** A session that runs, as the instance sees it. */
export interface RunningSession {
  readonly id: string;
  /** The policy that it is under: it is kept up to date as long as the session runs. */
  readonly loaded: Revision;
  /** Where it is among the sessions that run: only they know. */
  place: number;
  /** Its policy is retired: asks it to end as soon as nothing is in work. Default: it does not know when that is. */
  retire?(): void;
  /** Ends it now. */
  abort(reason: string): void;
}

/** Sessions, in no order. */
export class RunningSessions implements Iterable<RunningSession> {
  readonly #sessions: RunningSession[] = [];

  /** How many run. */
  get size(): number {
    return this.#sessions.length;
  }

  /** Adds a session, which is in no such list yet. */
  add(session: RunningSession): void {
    session.place = this.#sessions.length;
    this.#sessions.push(session);
  }

  /** Takes a session out; nothing happens where it is not in here. */
  delete(session: RunningSession): void {
    const { place } = session;
    if (this.#sessions[place] !== session) return;
    const last = this.#sessions.pop();
    if (last === undefined || last === session) return;
    this.#sessions[place] = last;
    last.place = place;
  }

  /** Those that run now, whatever becomes of them meanwhile. */
  [Symbol.iterator](): Iterator<RunningSession> {
    return [...this.#sessions].values();
  }
}
