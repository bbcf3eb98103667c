// What a client is told whose user may not pass, whatever it sends.

import type { AuthenticationAnswer } from '../../../proxy/authentication.ts';
import type { Problem } from '../problem.ts';
import { policyProblem } from '../problem.ts';

/** An answer that asking again does not change. */
export type FinalAnswer = Exclude<
  AuthenticationAnswer,
  { type: 'accepted' } | { type: 'rejected' }
>;

/** The problem that an answer is. */
export function problemOfAnswer(answer: FinalAnswer): Problem {
  const { reason: code, message } = answer;
  switch (answer.type) {
    case 'denied':
      return policyProblem(code, message);
    case 'delayed': {
      const seconds = String(Math.ceil(answer.retryAfterMs / 1_000));
      const fields = [['Retry-After', seconds]] as const;
      const verdict = 'denied-by-limit';
      return { kind: 'limit', status: 429, code, message, verdict, fields };
    }
    case 'failed':
      return { kind: 'policy', status: 503, code, message, verdict: 'denied-by-connection-fail' };
  }
}
