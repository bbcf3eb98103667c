// How the sessions of a policy end that new connections do not get any more: each is told, and ends when nothing is in
// work, if it knows when that is.

import type { ProxyEvent } from '../proxy/engine.ts';
import type { Clock } from './outside.ts';
import type { Pump } from './pump.ts';
import type { RunningSession } from './running-sessions.ts';
import type { StackedSession } from './session.ts';
import type { Stream } from './stream.ts';

/** What an engine is told that is awake. */
export const RETIRED: ProxyEvent = { type: 'retired', wasResting: false };
/** What an engine is told that has been woken for this. */
export const RETIRED_AT_REST: ProxyEvent = { type: 'retired', wasResting: true };

// Ten thousand idle clients that are sent away come back at once, and each costs a turn of the loop that others wait for:
// so many are told at a time, which is 20,000 in a second.
const TOLD_AT_ONCE = 100;
const PAUSE_MS = 5;

/**
 * Tells the sessions whose policy is retired, some at a time. To load a policy has kept the loop busy: what clients have asked
 * meanwhile is read first, or a connection that seems to be idle would be closed upon its next request.
 */
export function retireSessions(sessions: Iterable<RunningSession>, clock: Clock): void {
  const waiting = [...sessions].filter(({ loaded }) => loaded.isRetired === true);
  const tell = (): void => {
    for (const session of waiting.splice(-TOLD_AT_ONCE)) session.retire?.();
    if (waiting.length > 0) clock.after(PAUSE_MS, tell);
  };
  clock.after(PAUSE_MS, tell);
}

/** Starts a pump. One whose policy is retired meanwhile is told so at once. */
export function startPump(pump: Pump, client: Stream, session: StackedSession): void {
  pump.start(client);
  if (session.connection.facts.loaded.isRetired === true) pump.post(RETIRED);
}
