// External programs that a proxy may stack.

import { z } from 'zod';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { Environment, Program } from '../proxy/program.ts';
import type { ProxySession } from '../proxy/proxy-session.ts';
import { milliseconds, nameFaults, nameOf } from './fields.ts';

/** Options of `program`. */
export interface ProgramOptions {
  /**
   * The file and its arguments, given to the program as they are: no shell reads them. The file is an absolute path, or a
   * name that is looked up in PATH. A single text is a line for `/bin/sh -c`, as in the original: nothing that a peer
   * says may ever be a part of it.
   */
  readonly command: string | readonly [file: string, ...parameters: string[]];
  /**
   * Variables for the program, or a function that makes them for a session, from its attributes say. The program has
   * them, PATH and the facts of its session (`ZORP_...`), and nothing of Zorp's own environment. Default: none.
   */
  readonly environment?: Environment | ((session: ProxySession) => Environment);
  /** Default: `/`. */
  readonly workingDirectory?: string;
  /** How long it may run, in milliseconds. Default: as long as its session. */
  readonly timeoutMs?: number;
  /** It is ended after this time without a byte into it or out of it. Default: 600 000 ms, as that of a plug. */
  readonly idleTimeoutMs?: number;
  /** How many may run at a time, over all sessions; 0 is no limit. Default: 0. */
  readonly maxInstances?: number;
}

/** The shell of a command that is one text. */
const SHELL = '/bin/sh';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The prefix of the variables that tell a program about its session. */
export const SESSION_VARIABLES = 'ZORP_';

const text = z
  .string({ error: 'give a text' })
  .refine((value) => !value.includes('\0'), { error: 'remove the NUL character' });

const file = text.refine((name) => /^(?:\/|[^/.-][^/]*$)/.test(name), {
  error: 'give an absolute path such as "/usr/bin/sed", or a name without a slash such as "sed"',
});

const COMMAND_CURE = 'give a list: the file and its arguments, such as ["/usr/bin/sed", "s/a/b/"]';

const line = text
  .min(1, { error: COMMAND_CURE })
  .transform((shellLine): Program['command'] => [SHELL, '-c', shellLine]);

const command = z.union([line, z.tuple([file], text).readonly()], { error: COMMAND_CURE });

/** The schema of an environment, also of one that a function of the policy returned. */
export const environmentSchema = z.record(
  z
    .string()
    .regex(VARIABLE, { error: 'a name of a variable is letters, digits and "_", such as PATTERNS' })
    .refine((name) => !name.startsWith(SESSION_VARIABLES), {
      error: `choose another name: Zorp itself sets those that begin with ${SESSION_VARIABLES}`,
    }),
  text,
  { error: 'give an object with a text for each variable' },
);

const environmentFunction = z.custom<(session: ProxySession) => Environment>(
  (value) => typeof value === 'function',
);

const schema = z.strictObject({
  command,
  environment: z
    .union([environmentSchema, environmentFunction], {
      error: 'give an object with a text for each variable, or a function that returns one',
    })
    .default({}),
  workingDirectory: text
    .startsWith('/', { error: 'give an absolute path, such as "/var/lib/filter"' })
    .default('/'),
  timeoutMs: milliseconds.optional(),
  idleTimeoutMs: milliseconds.default(600_000),
  maxInstances: z
    .int({ error: 'give a whole number, 0 for no limit' })
    .min(0, { error: 'give a whole number, 0 for no limit' })
    .default(0),
});
registerOptions('program', schema);

/**
 * Makes an external program that can be stacked wherever a service can. It reads the client's bytes from descriptor 0 and
 * the server's from descriptor 1, writes to either, logs by descriptor 2 and tells its verdict on descriptor 3.
 * @example const upper = program('upper', { command: ['/usr/bin/tr', 'a-z', 'A-Z'], maxInstances: 100 });
 */
export function program(name: string, options: ProgramOptions): Program {
  const { settings, faults } = checkSettings(schema, options, { command: [SHELL] });
  const { timeoutMs, environment, ...rest } = settings;
  const made: Program = {
    kind: 'program',
    name: nameOf(name),
    ...rest,
    command: Object.freeze(rest.command),
    environment: typeof environment === 'function' ? environment : Object.freeze(environment),
    timeoutMs,
  };
  return declare(made, program, [...nameFaults(name), ...faults]);
}
