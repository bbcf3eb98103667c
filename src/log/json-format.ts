// Lines and decision records as JSON, one a line.

import pino from 'pino';
import type { LineOutput } from './bounded-output.ts';
import { boundText, escapeJson, toSafeJson } from './escape.ts';
import type { LogFormat } from './log-line.ts';
import type { LogFields } from '../proxy/engine.ts';

/** The levels as pino orders them: everything is written, the numbers only keep its own order. */
const LEVELS = { error: 50, violation: 45, policy: 35, accounting: 30, info: 20 };

/**
 * Writes JSON lines: `{"level":"info","time":"...","code":"...","message":"...","fields":{...}}`. Fields stand in an
 * object of their own, so that none can be taken for the level or the code.
 */
export function jsonFormat(output: LineOutput, now: () => Date): LogFormat {
  const logger = pino(
    {
      base: null,
      level: 'info',
      customLevels: LEVELS,
      useOnlyCustomLevels: true,
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => output.write(escapeJson(line.slice(0, -1)) + '\n') },
  );
  return {
    line({ level, code, message, fields }) {
      logger[level]({ code, message: boundText(message), fields: boundFields(fields) });
    },
    record: (record) => output.write(`${toSafeJson(record)}\n`),
  };
}

function boundFields(fields: LogFields | undefined): LogFields | undefined {
  if (fields === undefined) return undefined;
  const bounded = Object.entries(fields).map(([name, value]): [string, LogFields[string]] => [
    name,
    typeof value === 'string' ? boundText(value) : value,
  ]);
  return Object.fromEntries(bounded);
}
