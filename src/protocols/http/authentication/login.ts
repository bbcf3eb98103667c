// What the two ways to ask for a user share: what they are, and the end of an attempt that has succeeded.

import type {
  AuthenticationAnswer,
  Authenticator,
  Identity,
} from '../../../proxy/authentication.ts';
import type { Bytes } from '../../../proxy/engine.ts';
import type { Exchange } from '../exchange.ts';
import type { StepResult } from '../gate.ts';
import type { Head } from '../heads/head.ts';
import { Refused } from '../problem.ts';
import { problemOfAnswer } from './answer-problem.ts';

/** A way to ask clients who they are. A promise that it gives is for `concluded`. */
export interface Login {
  /** A request has come whose user is not known. */
  ask(exchange: Exchange, authenticator: Authenticator): StepResult;
  /** A request has come whose user is known. */
  known(exchange: Exchange, authenticator: Authenticator): StepResult;
  /** The body that `ask` wanted has come. */
  withBody(exchange: Exchange, body: Bytes, authenticator: Authenticator): StepResult;
  /** The authenticator has answered. */
  concluded(
    exchange: Exchange,
    answer: AuthenticationAnswer,
    authenticator: Authenticator,
  ): StepResult;
}

/** The identity of an answer, or undefined if it is worth asking again. Throws what refuses. */
export function acceptedOf(answer: AuthenticationAnswer): Identity | undefined {
  if (answer.type === 'accepted') return answer.identity;
  if (answer.type === 'rejected') return undefined;
  throw new Refused(problemOfAnswer(answer));
}

/** The index of the field with this id; -1 if there is none. Ids of credentials are of fields that are single. */
export function placeOf(head: Head<unknown>, id: number): number {
  for (let index = 0; index < head.count; index++) if (head.id(index) === id) return index;
  return -1;
}
