// The thread that checks passwords against bcrypt hashes, one after the other.

import { parentPort } from 'node:worker_threads';
import { compareSync, truncates } from 'bcryptjs';

/** One check, as the thread gets it. */
export interface BcryptQuestion {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

/** What came of it. */
export interface BcryptAnswer {
  readonly id: number;
  readonly matches: boolean;
}

/** Whether a password has this hash. bcrypt reads 72 bytes only: what is longer would match by its beginning. */
export function hasHash({ password, hash }: Pick<BcryptQuestion, 'password' | 'hash'>): boolean {
  return compareSync(password, hash) && !truncates(password);
}

parentPort?.on('message', (question: BcryptQuestion) => {
  const answer: BcryptAnswer = { id: question.id, matches: hasHash(question) };
  parentPort?.postMessage(answer);
});
