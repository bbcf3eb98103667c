// What a client is told where a body that somebody looks at does not go on.

import type { TransferFailure } from '../../../proxy/stack-transfer.ts';
import type { Problem } from '../problem.ts';

/** The problem that a failed transfer is; `side` is where the body came from. */
export function problemOfContent(failure: TransferFailure, side: 'client' | 'server'): Problem {
  const { verdict, reason, message, content } = failure;
  const status = statusOf(failure, side);
  // What was asked to be refused silently is refused without a word.
  const isSilent = content?.word === 'drop';
  return { kind: 'content', status, code: reason, message, verdict, ...(isSilent && { isSilent }) };
}

function statusOf({ verdict, reason }: TransferFailure, side: 'client' | 'server'): number {
  if (BROKEN.has(reason)) return side === 'client' ? 415 : 502;
  if (verdict === 'denied-by-policy') return 403;
  return verdict === 'denied-by-limit' ? 503 : 500;
}

/** Contents that are at fault themselves. */
const BROKEN: ReadonlySet<string> = new Set([
  'content.bad-coding',
  'content.too-compressed',
  'content.decoded-too-long',
]);

/** A body in a coding that nobody here can undo: it would go on unseen. */
export function undecodable(side: 'client' | 'server'): Problem {
  return {
    kind: 'content',
    status: side === 'client' ? 415 : 502,
    code: 'http.undecodable',
    message: 'The contents must be looked at, and have a coding that cannot be decoded here',
    verdict: 'denied-by-policy',
  };
}

/** A part of a body that nobody asked for: it would be looked at as if it were the whole. */
export const PARTIAL_CONTENT: Problem = {
  kind: 'content',
  status: 502,
  code: 'http.partial-content',
  message: 'The server answered with a part of contents that must be looked at as a whole',
  verdict: 'denied-by-policy',
};
