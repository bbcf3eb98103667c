// Lines and decision records as JSON, one a line.

import type { LineOutput } from './bounded-output.ts';
import { quoteText } from './escape.ts';
import type { LogFormat } from './log-line.ts';
import { recordWriter } from './record-json.ts';
import { timeWriter } from './time-text.ts';
import type { LogFields } from '../proxy/engine.ts';

/**
 * Writes JSON lines: `{"level":"info","time":"...","code":"...","message":"...","fields":{...}}`. Fields stand in an
 * object of their own, so that none can be taken for the level or the code.
 */
export function jsonFormat(output: LineOutput, now: () => Date): LogFormat {
  const timeText = timeWriter();
  const writeRecord = recordWriter();
  return {
    line({ level, code, message, fields }) {
      const start = `{"level":"${level}","time":"${timeText(now().getTime())}","code":${quoteText(code)}`;
      const end = fields === undefined ? '}\n' : `,"fields":${fieldsJson(fields)}}\n`;
      output.write(`${start},"message":${quoteText(message)}${end}`);
    },
    record(record) {
      const line = output.begin();
      writeRecord(record, line);
      line.add(NEWLINE);
      output.end();
    },
  };
}

const NEWLINE = Buffer.from('\n');

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
