// The log of a running Zorp: decision records to standard output, all other lines to standard error.

import { isatty } from 'node:tty';
import type { LineOutput, OutputState } from './bounded-output.ts';
import { BoundedOutput } from './bounded-output.ts';
import { jsonFormat } from './json-format.ts';
import type { LogFormat } from './log-line.ts';
import type { Log, LogLevel } from './log.ts';
import { paintFor } from './paint.ts';
import { readableFormat } from './readable-format.ts';

/** A log that writes to the descriptors of this process. */
export interface ProcessLog extends Log {
  /** Lines and records that were dropped since the start. */
  readonly dropped: number;
  /** Lines and records that still wait to be written. */
  readonly unwritten: number;
  /** Whether a reader stands still, so that process.exit() would wait for it. */
  readonly isBlocked: boolean;
  /** Waits until everything is written, at most `timeoutMs`; whether it is. */
  flush(timeoutMs: number): Promise<boolean>;
}

/** Options of `openProcessLog`; all but `json` are there for tests. */
export interface ProcessLogOptions {
  /** JSON also on a terminal. */
  readonly json?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Descriptors or files for decision records and for other lines. */
  readonly recordsTo?: number | string;
  readonly linesTo?: number | string;
  readonly isTerminal?: (descriptor: number) => boolean;
  readonly maxWaitingBytes?: number;
  readonly gatherMs?: number;
  readonly now?: () => Date;
}

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;

/** Opens the log: JSON lines, or readable ones for an output that is a terminal. */
export function openProcessLog(options: ProcessLogOptions = {}): ProcessLog {
  const { recordsTo = STANDARD_OUTPUT, linesTo = STANDARD_ERROR } = options;
  const { maxWaitingBytes, gatherMs } = options;
  const bound = {
    ...(maxWaitingBytes === undefined ? {} : { maxWaitingBytes }),
    ...(gatherMs === undefined ? {} : { gatherMs }),
  };
  const records = new BoundedOutput(recordsTo, {
    ...bound,
    onChange: (state) => log.line(...aboutRecords(state)),
  });
  const lines = new BoundedOutput(linesTo, {
    ...bound,
    onChange: (state) => {
      if (state.state === 'flowing') log.line(...aboutLines(state.dropped));
    },
  });
  const recordFormat = formatFor(recordsTo, records, options);
  const lineFormat = formatFor(linesTo, lines, options);
  const log: ProcessLog = {
    line: (level, code, message, fields) => lineFormat.line({ level, code, message, fields }),
    record: (record) => recordFormat.record(record),
    get dropped() {
      return records.dropped + lines.dropped;
    },
    get unwritten() {
      return records.unwritten + lines.unwritten;
    },
    get isBlocked() {
      return records.isBlocked || lines.isBlocked;
    },
    flush: async (timeoutMs) => {
      const flushed = await Promise.all([records.flush(timeoutMs), lines.flush(timeoutMs)]);
      return flushed.every(Boolean);
    },
  };
  return log;
}

function formatFor(
  destination: number | string,
  output: LineOutput,
  options: ProcessLogOptions,
): LogFormat {
  const { json = false, isTerminal = isatty, environment = process.env } = options;
  const now = options.now ?? (() => new Date());
  const isReadable = !json && typeof destination === 'number' && isTerminal(destination);
  return isReadable
    ? readableFormat(output, now, paintFor(true, environment))
    : jsonFormat(output, now);
}

type Line = [LogLevel, string, string, Record<string, string | number>];

function aboutRecords(state: OutputState): Line {
  if (state.state === 'failing') {
    const message = 'Decision records cannot be written; what finds no room is dropped and counted';
    return ['error', 'log.failing', message, { cause: state.cause }];
  }
  return aboutDropped('log.flowing', 'Decision records are written again', state.dropped);
}

function aboutLines(dropped: number): Line {
  return aboutDropped('log.flowing', 'Log lines are written again', dropped);
}

function aboutDropped(code: string, message: string, dropped: number): Line {
  return [dropped > 0 ? 'error' : 'info', code, message, { dropped }];
}
