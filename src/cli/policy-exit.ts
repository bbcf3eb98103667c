// A policy that ends the process while it is loaded would end a command with its own exit code, and without a word.

import { CommandError } from './command.ts';

/** The part of a process that tells that it ends. */
export interface EndingProcess {
  on(event: 'exit', call: () => void): unknown;
  exitCode?: number | string | null | undefined;
}

/** Notices that a policy ends the process. */
export interface PolicyExitWatch {
  /** The promise as it is; if the process ends before it has settled, the policy is to blame. */
  whileLoading<Value>(path: string, promise: Promise<Value>): Promise<Value>;
  /** From now on it is Zorp that ends the process. */
  stop(): void;
}

/** Reports a policy that ends the process, and makes the exit code that of the report. */
export function watchPolicyExit(
  ending: EndingProcess,
  report: (error: CommandError) => number,
): PolicyExitWatch {
  let loading: string | undefined;
  ending.on('exit', () => {
    if (loading === undefined) return;
    const message = `The policy ${loading} ended the process while it was loaded: remove process.exit() from it`;
    ending.exitCode = report(new CommandError('policy.exit', message));
  });
  const stop = (): void => {
    loading = undefined;
  };
  return {
    whileLoading: async (path, promise) => {
      loading = path;
      return promise.finally(stop);
    },
    stop,
  };
}
