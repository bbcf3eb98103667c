// What functions of the policy say of the fields of one head. A head is written as often as answers are waited for, and each
// function is asked once.

import type { Outcome } from '../../../proxy/engine.ts';
import {
  allOf,
  callPolicy,
  disregard,
  isPromise,
  settledValue,
} from '../../../proxy/policy-call.ts';

/** The answers about one head. */
export class FieldAnswers {
  /** By what was asked; a promise until it is settled. */
  readonly #answers = new Map<string, unknown>();

  /** Asks a function, the first time; what it gives, or has come to, may be a promise. `name` tells people which it is. */
  ask(question: string, name: string, call: () => unknown): unknown {
    if (this.#answers.has(question)) return this.#answers.get(question);
    const answer = callPolicy(name, call);
    if (isPromise(answer)) disregard(answer); // another field may be refused before anybody waits
    this.#answers.set(question, answer);
    return answer;
  }

  /** What must be waited for before the head can be written; undefined if that is nothing. */
  get pending(): PromiseLike<unknown> | undefined {
    const promises = [...this.#answers.values()].filter(isPromise);
    return promises.length === 0 ? undefined : allOf(promises);
  }

  /** What was pending has been waited for. Throws a PolicyFault if one of the functions has failed. */
  settle(outcome: Outcome): void {
    const values = settledValue('header policy', outcome);
    const left = Array.isArray(values) ? [...(values as readonly unknown[])] : [];
    for (const [question, answer] of this.#answers)
      if (isPromise(answer)) this.#answers.set(question, left.shift());
  }
}
