// A line of the log before it is written, and the two ways to write it: JSON for machines, text for a terminal.

import type { SessionRecord } from './session-record.ts';
import type { LogLevel } from './log.ts';
import type { LogFields } from '../proxy/engine.ts';

/** One line of the log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly code: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** Writes lines and records in one of the two ways. */
export interface LogFormat {
  line(line: LogLine): void;
  record(record: SessionRecord): void;
}
