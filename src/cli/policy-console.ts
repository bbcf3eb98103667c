// The console of a policy, which is a program: standard output belongs to decision records and to what commands are asked for.

import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { Log, LogLevel } from '../log/log.ts';
import { safeLines } from './command.ts';

/** Where it writes. */
export interface ConsoleOutput {
  /** The log; undefined as long as none is open. */
  readonly log: () => Log | undefined;
  /** Standard error. */
  readonly err: (text: string) => void;
}

/** The code of its lines in the log. */
const CONSOLE_CODE = 'policy.console';

// A function may show a whole request each time that it is called.
const MAX_LENGTH = 4_096;

/** Makes it: a line of the log for each call, of level `error` for `console.error()` and its like; standard error where there is no log. */
export function policyConsole(output: ConsoleOutput): Console {
  return new Console({ stdout: streamOf('info', output), stderr: streamOf('error', output) });
}

function streamOf(level: LogLevel, { log, err }: ConsoleOutput): Writable {
  return new Writable({
    decodeStrings: false,
    write: (written: string, _encoding, done) => {
      const text = shorten(written.replace(/\n$/, ''));
      const opened = log();
      if (opened === undefined) err(safeLines(text));
      else opened.line(level, CONSOLE_CODE, text);
      done();
    },
  });
}

function shorten(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH)}... and ${text.length - MAX_LENGTH} characters more`;
}
