// The one way to call a function of the policy: what it throws becomes a PolicyFault, what it returns is checked by the
// caller, and a promise becomes a `wait`.

import type { Outcome } from './engine.ts';
import { PolicyFault } from './violation.ts';

/** Calls a policy function; `name` tells people which ('request policy for GET'). */
export function callPolicy(name: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    throw faultOf(name, error);
  }
}

/** The value that a promise of a policy function came to; a rejection is a PolicyFault. */
export function settledValue(name: string, outcome: Outcome): unknown {
  if (outcome.ok) return outcome.value;
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
  if (!(error instanceof Error)) return typeof error === 'string' ? error : show(error);
  try {
    const message: unknown = error.message; // JavaScript lets it be anything
    return typeof message === 'string' ? message : show(message);
  } catch {
    return 'something that cannot be shown';
  }
}

function faultOf(name: string, error: unknown): PolicyFault {
  if (error instanceof PolicyFault) return error;
  const message = typeof error === 'string' ? show(error) : thrownText(error);
  return new PolicyFault('policy.function-failed', `The ${name} failed: ${message}`, error);
}

/** A short text of any value, for messages. Never throws. */
function show(value: unknown): string {
  try {
    return (typeof value === 'string' ? JSON.stringify(value) : String(value)).slice(0, 80);
  } catch {
    return 'something that cannot be shown';
  }
}
