// The options that proxies for one question and its answer share (finger, whois), and what a policy may answer to them.

import { z } from 'zod';
import { milliseconds } from './milliseconds.ts';
import type { Abort, Accept, Drop, Reject } from './policy-action.ts';
import type { ProxySession } from './proxy-session.ts';

/** Lets another request pass instead. */
export interface AcceptAs<Request> {
  readonly action: 'accept-as';
  readonly request: Request;
}

/** What a policy may answer to a request. `drop()` ends the session without a word. */
export type QueryAnswer<Request> = Accept | AcceptAs<Request> | Reject | Abort | Drop;

/** A function of the policy that is asked about each request, before anything goes to the server. */
export type QueryRule<Request> = (
  request: Request,
  session: ProxySession,
) => QueryAnswer<Request> | PromiseLike<QueryAnswer<Request>>;

/**
 * Lets another request pass instead of the client's.
 * @example fingerRequest: (request) => acceptAs({ ...request, isDetailed: false })
 */
export function acceptAs<Request>(request: Request): AcceptAs<Request> {
  return Object.freeze({ action: 'accept-as', request });
}

const MAX_LENGTH = 65_536; // more than a line for people has, and little enough to be kept for each session

/** The schema of a greatest length in `unit`, at least 1. */
export function lengthIn(unit: string): z.ZodInt {
  return z
    .int({ error: `give a whole number of ${unit}` })
    .min(1, { error: `give at least 1 of ${unit}` })
    .max(MAX_LENGTH, { error: `give at most ${MAX_LENGTH} ${unit}` });
}

/** The schema of a function of the policy that is asked about requests. */
export function ruleFor<Request>(): z.ZodType<QueryRule<Request>, QueryRule<Request>> {
  return z.custom<QueryRule<Request>>((value) => typeof value === 'function', {
    error: 'give a function that returns accept(), acceptAs(), reject(), abort() or drop()',
  });
}

const text = z
  .string({ error: 'give a text' })
  // Control characters could steer the terminal of whoever reads the answer.
  .regex(/^(?:[^\0-\x1f\x7f-\x9f]|[\t\n]|\r\n)*$/, {
    error: 'write a text without control characters but line ends and tabs',
  });

/** The options of both protocols. */
export const QUERY_OPTIONS = {
  /** Milliseconds that the client may take for its request, and that the answer may stand still. Default: 30000. */
  timeoutMs: milliseconds.default(30_000),
  /** Bytes of a line of the answer without its end, at most 65536; a longer one ends the session. Default: 132. */
  maxLineLength: lengthIn('bytes').default(132),
  /** Lines before the answer. Default: none. */
  responseHeader: text.default(''),
  /** Lines after the whole answer. Default: none. */
  responseFooter: text.default(''),
};
