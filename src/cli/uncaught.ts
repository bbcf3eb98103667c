// Exceptions that nothing caught: a policy is a program and may throw when nobody waits for it, and Node would print a
// stack trace and end the process.

import type { Log } from '../log/log.ts';
import { CommandError } from './command.ts';
import type { ProcessEvents } from './process-events.ts';

/** Watches for exceptions that nothing caught. */
export interface UncaughtWatch {
  /** The promise, or a rejection if something uncaught comes first. */
  unlessUncaught<Value>(promise: Promise<Value>): Promise<Value>;
  /** From now on what is uncaught goes to the log, and the process lives on: it is one session that broke. */
  logTo(log: Log): void;
}

/** Begins to watch; `failure` is what the sentence about an exception begins with, such as `Cannot start`. */
export function watchUncaught(
  events: Pick<ProcessEvents, 'onUncaught'>,
  failure: string,
): UncaughtWatch {
  let log: Log | undefined;
  let count = 0;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined); // it may come when nobody waits
  events.onUncaught((error) => {
    if (log === undefined) {
      failed.reject(new CommandError('run.exception', `${failure}: ${describeError(error)}`));
      return;
    }
    count += 1;
    log.line('error', 'bug.uncaught', describeError(error), { stack: stackOf(error), count });
  });
  return {
    unlessUncaught: (promise) => Promise.race([promise, failed.promise]),
    logTo: (opened) => {
      log = opened;
      // Nobody waits any more. Left open, it would keep what came in its place, such as the policy of the start.
      failed.reject(undefined);
    },
  };
}

function describeError(error: unknown): string {
  const text = textOf(error, ({ name, message }) => `${name}: ${message}`);
  return `an exception was not caught: ${text}`;
}

function stackOf(error: unknown): string {
  return textOf(error, ({ stack }) => stack ?? '');
}

/** Anything may be thrown, also what cannot become a text; an exception here would end the process. */
function textOf(error: unknown, tell: (error: Error) => string): string {
  try {
    return error instanceof Error ? tell(error) : String(error);
  } catch {
    return 'something that cannot be shown';
  }
}
