// How much memory V8 takes for objects that die young.

import { execve } from 'node:process';

const OPTION = '--max-semi-space-size';

// In MiB; V8 itself would take up to 16 and use three times that, with most of it waiting for garbage. What a session
// leaves behind fits many times over, and what lives long gets sooner to where it takes no more room than it needs.
const SEMI_SPACE_MIB = 8;

/** What is asked of the process; tests hand in their own. */
export type StartedProcess = Pick<NodeJS.Process, 'execPath' | 'execArgv' | 'argv' | 'env'> & {
  /** Undefined where a process cannot be replaced. */
  readonly execve: NodeJS.Process['execve'] | undefined;
};

/**
 * Sees to it that the young generation of this process stays small: V8 takes that option only when it starts, so the
 * process is replaced by itself, under the same pid. Whoever has set the option, here or in NODE_OPTIONS, is obeyed; where
 * processes cannot be replaced, V8 has it its own way.
 */
export function limitYoungGeneration(started: StartedProcess = { ...facts(), execve }): void {
  const { execPath, execArgv, argv, env } = started;
  const given = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  if (given.some((option) => option.replaceAll('_', '-').startsWith(OPTION))) return;
  const again = [execPath, `${OPTION}=${SEMI_SPACE_MIB}`, ...execArgv, ...argv.slice(1)];
  started.execve?.(execPath, again, env);
}

function facts(): Omit<StartedProcess, 'execve'> {
  const { execPath, execArgv, argv, env } = process;
  return { execPath, execArgv, argv, env };
}
