// What a policy answers when a proxy asks: the actions that all protocols share.

import type { Verdict } from './verdict.ts';

/** Lets it pass. */
export interface Accept {
  readonly action: 'accept';
}

/** Refuses it and tells the peer; `text` is shown to people. */
export interface Reject {
  readonly action: 'reject';
  readonly text: string | undefined;
  /** The status of an HTTP answer, 400 to 599, but none that needs a field: other protocols have none. Default: 403. */
  readonly status?: number;
}

/** Refuses it and ends the session. */
export interface Abort {
  readonly action: 'abort';
  readonly text: string | undefined;
}

/** Discards it silently; what is around it passes. */
export interface Drop {
  readonly action: 'drop';
}

/** Characters of the text of an action: as many as a header field may have, since functions tell of what was sent. */
export const MAX_ACTION_TEXT = 65_536;

/** What `accept` answers, each time. */
export const ACCEPT: Accept = Object.freeze({ action: 'accept' });
const DROP: Drop = Object.freeze({ action: 'drop' });

/** Lets it pass. @example request: { GET: accept() } */
export function accept(): Accept {
  return ACCEPT;
}

/**
 * Refuses it and tells the peer why; in HTTP with this status instead of 403.
 * @example request: { POST: reject('No posting from here'), PUT: reject('Not now', 503) }
 */
export function reject(text?: string, status?: number): Reject {
  return Object.freeze({
    action: 'reject',
    text: checked('reject', text),
    ...(status !== undefined && { status }),
  });
}

/** The same as `reject`, for those who know the word. @example request: { POST: deny('No posting from here') } */
export function deny(text?: string): Reject {
  return reject(text);
}

/** Refuses it and ends the session. @example request: { TRACE: abort() } */
export function abort(text?: string): Abort {
  return Object.freeze({ action: 'abort', text: checked('abort', text) });
}

/** Discards it silently. @example responseHeader: { Server: drop() } */
export function drop(): Drop {
  return DROP;
}

/** The word of an action, of whatever a policy gave; undefined where it is none. */
export function actionOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'action' in value
    ? value.action
    : undefined;
}

/** The verdict of a session that one of these ends. */
export function verdictOf({ action }: Reject | Abort): Verdict {
  return action === 'abort' ? 'aborted-by-policy-action' : 'denied-by-policy';
}

/** What a policy gives need not be what its types say: logs and pages need a text. */
function checked(name: string, text: unknown): string | undefined {
  if (text === undefined || text === null) return undefined;
  if (typeof text === 'string' && text.length > MAX_ACTION_TEXT)
    throw new RangeError(`${name}() takes a text of at most ${MAX_ACTION_TEXT} characters`);
  if (typeof text === 'string') return text;
  throw new TypeError(`${name}() takes a text, and was given a value of type ${typeof text}`);
}
