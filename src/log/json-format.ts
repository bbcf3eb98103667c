// Lines and decision records as JSON, one a line.

import type { LineOutput } from './bounded-output.ts';
import { quoteText, toSafeJson } from './escape.ts';
import type { LogFormat } from './log-line.ts';
import type { LogFields } from '../proxy/engine.ts';

/**
 * Writes JSON lines: `{"level":"info","time":"...","code":"...","message":"...","fields":{...}}`. Fields stand in an
 * object of their own, so that none can be taken for the level or the code.
 */
export function jsonFormat(output: LineOutput, now: () => Date): LogFormat {
  const timeText = timeWriter();
  return {
    line({ level, code, message, fields }) {
      const start = `{"level":"${level}","time":"${timeText(now())}","code":${quoteText(code)}`;
      const end = fields === undefined ? '}\n' : `,"fields":${fieldsJson(fields)}}\n`;
      output.write(`${start},"message":${quoteText(message)}${end}`);
    },
    record: (record) => output.write(`${toSafeJson(record)}\n`),
  };
}

/** The time as RFC 3339 has it. Many lines fall into one millisecond, and the text of a time is dear to make. */
function timeWriter(): (time: Date) => string {
  let last = NaN;
  let text = '';
  return (time) => {
    const milliseconds = time.getTime();
    if (milliseconds !== last) {
      last = milliseconds;
      text = time.toISOString();
    }
    return text;
  };
}

/** Written text by text, because an object made for JSON.stringify would cost more than the writing. */
function fieldsJson(fields: LogFields): string {
  let json = '';
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value === undefined) continue;
    const written = typeof value === 'string' ? quoteText(value) : JSON.stringify(value);
    json += `${json === '' ? '{' : ','}${quoteText(name)}:${written}`;
  }
  return json === '' ? '{}' : `${json}}`;
}
