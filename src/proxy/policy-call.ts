// The one way to call a function of the policy: what it throws becomes a PolicyFault, what it returns is checked by the
// caller, and a promise becomes a `wait`.

import type { Outcome } from './engine.ts';
import { ACCEPT, MAX_ACTION_TEXT } from './policy-action.ts';
import { PolicyFault } from './violation.ts';

/** Calls a policy function; `name` tells people which ('request policy for GET'). */
export function callPolicy(name: string, call: () => unknown): unknown {
  try {
    const answer = call();
    checkReadable(name, answer);
    return answer;
  } catch (error) {
    throw faultOf(name, error);
  }
}

/** What is asked of answers: what any of them, a getter or a Proxy, throws is thrown here, where it is the function's fault. */
const ASKED = [
  ...['then', 'action', 'status', 'request', 'kind', 'name', 'proxy'],
  ...['detect', 'service', 'data', 'mime', 'value'],
];

const TOO_LONG = 'an action with a text that is too long';

/** @throws whatever the answer throws when it is read; a PolicyFault for an action whose text is none, which logs and pages need. */
export function checkReadable(name: string, answer: unknown): void {
  // What nearly every function answers to nearly every request is known.
  if (typeof answer !== 'object' || answer === null || answer === ACCEPT) return;
  for (const key of ASKED) Reflect.get(answer, key);
  if (!('action' in answer && 'text' in answer)) return;
  const { text } = answer;
  if (text !== undefined && text !== null) checkText(name, text);
}

function checkText(name: string, text: unknown): void {
  if (typeof text !== 'string')
    throw invalidResult(name, `an action with a text of type ${typeof text}`, 'one with a text');
  if (text.length > MAX_ACTION_TEXT)
    throw invalidResult(name, TOO_LONG, `one of at most ${MAX_ACTION_TEXT} characters`);
}

/** The value that a promise of a policy function came to; a rejection is a PolicyFault. */
export function settledValue(name: string, outcome: Outcome): unknown {
  if (outcome.ok) return callPolicy(name, () => outcome.value);
  throw faultOf(name, outcome.error);
}

/** Whether a policy function answered with a promise. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Keeps a promise that nobody may come to wait for from failing unheard, which would end the process. */
export function disregard(promise: PromiseLike<unknown>): void {
  const ignore = (): void => undefined;
  try {
    promise.then(ignore, ignore);
  } catch {
    // It only looks like a promise: whoever waits for it is told.
  }
}

/** A promise of what several come to, in their order; it fails with the first that fails, and no other goes unheard. */
export function allOf(promises: readonly PromiseLike<unknown>[]): PromiseLike<readonly unknown[]> {
  return {
    then(resolve, reject) {
      const values: unknown[] = promises.map(() => undefined);
      let left = promises.length;
      for (const [index, promise] of promises.entries()) {
        const fail = (error: unknown): void => void reject?.(error);
        try {
          promise.then((value) => {
            values[index] = value;
            if (--left === 0) resolve?.(values);
          }, fail);
        } catch (error) {
          fail(error); // it only looks like a promise
        }
      }
      return NEVER;
    },
  };
}

/** Nothing is chained to a promise that an engine waits for. */
const NEVER = new Promise<never>(() => undefined);

/** The fault of a policy function that answered with something it may not answer. */
export function invalidResult(name: string, value: unknown, expected: string): PolicyFault {
  if (isPromise(value)) disregard(value);
  return new PolicyFault(
    'policy.invalid-result',
    `The ${name} returned ${show(value)}: return ${expected}`,
  );
}

/** The fault of a policy function that gave a part of a message a value that it may not have. */
export function invalidValue(name: string, value: unknown, expected: string): PolicyFault {
  return new PolicyFault(
    'policy.invalid-result',
    `The ${name} cannot become ${show(value)}: give ${expected}`,
  );
}

/** What was thrown, as a text: anything may be, also what cannot become one. Never throws. */
export function thrownText(error: unknown): string {
  try {
    // JavaScript lets a message be anything, and a Proxy throw when it is asked what it is.
    const message: unknown = error instanceof Error ? error.message : error;
    return typeof message === 'string' ? message.slice(0, MOST_THROWN) : show(message);
  } catch {
    return 'something that cannot be shown';
  }
}

/** Where an exception came from; undefined where it does not say so in a text. Never throws. */
export function thrownStack(error: unknown): string | undefined {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === 'string' ? stack.slice(0, MOST_THROWN) : undefined;
  } catch {
    return undefined;
  }
}

const MOST_THROWN = 4_096; // characters: more than any trace, and little enough to be copied while others wait

function faultOf(name: string, error: unknown): PolicyFault {
  if (isFault(error)) return error;
  const message = typeof error === 'string' ? show(error) : thrownText(error);
  return new PolicyFault('policy.function-failed', `The ${name} failed: ${message}`, error);
}

function isFault(error: unknown): error is PolicyFault {
  try {
    return error instanceof PolicyFault;
  } catch {
    return false; // a Proxy
  }
}

const LONGEST_SHOWN = 80;

/** A short text of any value, for messages. Never throws. */
function show(value: unknown): string {
  try {
    // Cut before it is written: a text of many megabytes would keep everybody waiting.
    const text =
      typeof value === 'string' ? JSON.stringify(value.slice(0, LONGEST_SHOWN)) : String(value);
    return text.slice(0, LONGEST_SHOWN);
  } catch {
    return 'something that cannot be shown';
  }
}
