// How sessions end: the verdict and the reason for the record, and the sentence for people.

import type { ProxyAction } from '../../proxy/engine.ts';
import type { Verdict } from '../../proxy/verdict.ts';
import type { Problem } from './problem.ts';

/** How a session ends. */
export interface Ending {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly message: string;
}

/** The client has all that it asked for. */
export const FINISHED = accepted('http.finished', 'The connection was finished');

/** The time for a further request is over. */
export const IDLE = accepted('http.idle', 'No further request came');

/** The client left without what it asked for. */
export const CLIENT_GONE = accepted('http.client-gone', 'The client broke the connection off');

/** The server ended in the middle of an answer that the client has seen the beginning of. */
export const SERVER_GONE = failed(
  'http.server-closed',
  'The server closed the connection within its answer',
);

/** The end of the answer cannot be told from a cut of the connection. */
export const SERVER_TRUNCATED = failed(
  'http.server-truncated',
  'The connection to the server ended within its answer without the closing alert of TLS',
);

/** A body did not move on after the answer had begun. */
export const STOOD_STILL = failed('http.transfer-timeout', 'A body stood still for too long');

/** The client read so slowly that it kept the connection for next to nothing (slow read). */
export const SLOW_READER: Ending = {
  verdict: 'denied-by-policy',
  reason: 'http.slow-reader',
  message: 'The client read the answer too slowly',
};

/** A good end. */
export function accepted(reason: string, message: string): Ending {
  return { verdict: 'accepted', reason, message };
}

/** The end that a problem leads to. */
export function endingOf({ verdict, code, message }: Problem): Ending {
  return { verdict, reason: code, message };
}

/** Ends the session. */
export function close({ verdict, reason, message }: Ending, how?: 'reset'): ProxyAction {
  const action = { type: 'close', verdict, reason, message } as const;
  return how === undefined ? action : { ...action, how };
}

function failed(reason: string, message: string): Ending {
  return { verdict: 'denied-by-connection-fail', reason, message };
}
