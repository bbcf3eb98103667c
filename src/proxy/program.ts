// An external program that a proxy may stack, as data. The policy makes it with program().

import type { ProxySession } from './proxy-session.ts';

/** Variables of the environment of a program, by their names. */
export type Environment = Readonly<Record<string, string>>;

/** A program that is run on the payload of a session. */
export interface Program {
  readonly kind: 'program';
  readonly name: string;
  /** The file and its arguments; no shell reads them. */
  readonly command: readonly [file: string, ...parameters: string[]];
  /** What the program finds in its environment, beside the facts of its session. */
  readonly environment: Environment | ((session: ProxySession) => Environment);
  readonly workingDirectory: string;
  /** How long it may run; undefined: as long as its session. */
  readonly timeoutMs: number | undefined;
  /** It is ended after this time without a byte into it or out of it. */
  readonly idleTimeoutMs: number;
  /** How many may run at a time; 0 is no limit. */
  readonly maxInstances: number;
}
