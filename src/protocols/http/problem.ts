// Why a request is not answered by the server: the status and the words that its client is told.

import type { ConnectFailure, Refusal } from '../../proxy/engine.ts';
import { MAX_ACTION_TEXT } from '../../proxy/policy-action.ts';
import type { Verdict } from '../../proxy/verdict.ts';
import { PolicyFault } from '../../proxy/violation.ts';
import type { Violation } from '../../proxy/violation.ts';

/** The kinds of explanation that error pages have. */
export type ProblemKind =
  | 'request'
  | 'authentication'
  | 'policy'
  | 'content'
  | 'limit'
  | 'connect'
  | 'response'
  | 'request-timeout'
  | 'response-timeout';

/** A reason to refuse, for people and for the record. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly status: number;
  /** The reason code. */
  readonly code: string;
  readonly message: string;
  readonly verdict: Verdict;
  /** The client is told nothing: its connection ends. */
  readonly isSilent?: boolean;
  /** Further fields of the answer, such as `WWW-Authenticate`, `Location` or `Retry-After`. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** Statuses of what clients do wrong; everything else is 400. */
const REQUEST_STATUSES: Readonly<Record<string, number>> = {
  'http.length-required': 411,
  'http.body-too-long': 413,
  'http.first-line-too-long': 414,
  'http.url-too-long': 414,
  'http.bad-expect': 417,
  'http.tunnel-host-mismatch': 421,
  'http.server-name-mismatch': 421,
  'http.server-certificate-mismatch': 421,
  'http.websocket-version': 426,
  'http.head-too-long': 431,
  'http.header-line-too-long': 431,
  'http.too-many-fields': 431,
  'http.bad-transfer-coding': 501,
  'http.ftp-url': 501,
  'http.https-url': 501,
  'http.bad-version': 505,
};

/**
 * Fields that tell a client what would do (RFC 9110, 15.5.22; RFC 6455, 4.4); whoever sends Upgrade says so in
 * Connection (7.8).
 */
const REQUEST_FIELDS: Readonly<Record<string, Problem['fields']>> = {
  'http.websocket-version': [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
  ],
};

/** Thrown where a request is refused although both peers kept to the protocol. The core tells the client. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'Refused';
    this.problem = problem;
  }
}

/** The fields without which an answer of a status says nothing (RFC 9110, 15.5.2 and 15.5.6; 15.5.8 and 15.5.22 below). */
const NEEDED_FIELDS: ReadonlyMap<unknown, string> = new Map([
  [401, 'WWW-Authenticate'],
  [405, 'Allow'],
]);

/** What is wrong with the status of a refusal: what is below 400 lets something pass, or means another request. */
export function statusCure(status: unknown): string | undefined {
  const isError = Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599;
  if (!isError) return 'give a status of 400 to 599';
  const field = NEEDED_FIELDS.get(status);
  return field === undefined
    ? unwritableCure(status)
    : `give answer() for this status, with the field that it needs: ${field}`;
}

/** What is wrong with the status of an answer that has fields with these names. */
export function answerStatusCure(status: number, names: readonly string[]): string | undefined {
  const field = NEEDED_FIELDS.get(status);
  if (field === undefined) return unwritableCure(status);
  const isThere = names.some((name) => name.toLowerCase() === field.toLowerCase());
  return isThere ? undefined : `give the field that this status needs: ${field}`;
}

function unwritableCure(status: unknown): string | undefined {
  if (status !== 407 && status !== 426) return undefined;
  return 'give another status: the field that this one needs is written by the proxy itself';
}

/** What is wrong with a refusal in a table: nobody need have checked the types of a policy before it is loaded. */
export function refusalCure(refusal: unknown): string | undefined {
  const { status, text = null } = Object(refusal) as Readonly<Record<string, unknown>>;
  const isText = typeof text === 'string' && text.length <= MAX_ACTION_TEXT;
  if (text !== null && !isText) return `give a text of at most ${MAX_ACTION_TEXT} characters`;
  return status === undefined ? undefined : statusCure(status);
}

/** The problem that a decision of the policy is. */
export function policyProblem(
  code: string,
  message: string,
  verdict: Verdict = 'denied-by-policy',
): Problem {
  return { kind: 'policy', status: 403, code, message, verdict };
}

/** The problem that a violation or a fault of the policy is. */
export function problemOf(cause: Violation | PolicyFault): Problem {
  const { code, message } = cause;
  if (cause instanceof PolicyFault)
    // What failed inside the policy is no business of the client: it is in the log.
    return {
      ...{ kind: 'policy', status: 500, code, verdict: cause.verdict },
      message: 'A function of the policy failed',
    };
  const verdict = 'denied-by-policy';
  if (code === 'http.request-timeout' || code === 'http.too-slow')
    return { kind: 'request-timeout', status: 408, code, message, verdict };
  if (code === 'http.response-timeout')
    return {
      ...{ kind: 'response-timeout', status: 504, code, message },
      verdict: 'denied-by-connection-fail',
    };
  if (cause.side === 'server') return { kind: 'response', status: 502, code, message, verdict };
  const fields = REQUEST_FIELDS[code] ?? [];
  return { kind: 'request', status: REQUEST_STATUSES[code] ?? 400, code, message, verdict, fields };
}

/** The problem that a refused connection or a failed one to the server is. */
export function problemOfFailure({ reason, verdict, message }: ConnectFailure | Refusal): Problem {
  const common = { code: reason, message, verdict };
  if (verdict === 'denied-by-limit') return { ...common, kind: 'limit', status: 503 };
  if (verdict !== 'denied-by-connection-fail') return { ...common, kind: 'policy', status: 403 };
  const isTimeout = reason.endsWith('timeout'); // so do all codes of times that are over
  return { ...common, kind: 'connect', status: isTimeout ? 504 : 502 };
}

/** The server went away although it was to answer. */
export const SERVER_CLOSED: Problem = problemOfFailure({
  reason: 'http.server-closed',
  verdict: 'denied-by-connection-fail',
  message: 'The server closed the connection without an answer',
});

/** The server went away in the middle of the head of its answer. */
export const INCOMPLETE_RESPONSE: Problem = {
  kind: 'response',
  status: 502,
  code: 'http.incomplete-response',
  message: 'The server closed the connection before its answer was complete',
  verdict: 'denied-by-connection-fail',
};
