// The ways in which a custom proxy ends its session.

import type { ConnectFailure } from '../../proxy/engine.ts';
import type { Verdict } from '../../proxy/verdict.ts';

/** How a session ends. */
export interface Ending {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly message: string;
  readonly how?: 'reset';
}

/** A server or a child is not to be had, and the script did not ask to be told: it ends there. */
export class Unavailable extends Error {
  readonly failure: ConnectFailure;

  constructor(failure: ConnectFailure) {
    super(failure.message);
    this.name = 'Unavailable';
    this.failure = failure;
  }
}

/** The script does more without reading than it may. */
export class TooManySteps extends Error {
  readonly ending: Ending;

  constructor(message: string) {
    super(message);
    this.name = 'TooManySteps';
    this.ending = { verdict: 'aborted-by-policy-action', reason: 'custom.too-many-steps', message };
  }
}

/** Nothing came for too long. */
export const TIMED_OUT: Ending = {
  verdict: 'accepted',
  reason: 'custom.timeout',
  message: 'Nothing moved for as long as the policy allows',
};

/** The script has accepted the session and is done. */
export const FINISHED: Ending = {
  verdict: 'accepted',
  reason: 'custom.finished',
  message: 'The script has done its work',
};

/** A connection broke. The other one is reset, so that its peer cannot mistake a cut for an end. */
export function broken(side: 'client' | 'server'): Ending {
  const message = `The ${side} broke the connection off`;
  return { verdict: 'accepted', reason: `custom.${side}-reset`, message, how: 'reset' };
}

/** The script rejected the session. */
export function rejected(text: string | undefined): Ending {
  const message = text ?? 'The script rejected the session';
  return { verdict: 'denied-by-policy', reason: 'custom.rejected', message };
}

/** The script aborted the session: nobody is told why. */
export function aborted(text: string | undefined): Ending {
  const message = text ?? 'The script aborted the session';
  const verdict = 'aborted-by-policy-action';
  return { verdict, reason: 'custom.aborted', message, how: 'reset' };
}
