// A log that keeps what it is told, for tests.
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import type { LogLine } from '../../src/log/log-line.ts';
import type { Log, LogLevel } from '../../src/log/log.ts';
import type { SessionRecord } from '../../src/log/session-record.ts';
import { decisionRecordOf } from '../../src/log/session-record.ts';
import type { LogFields } from '../../src/proxy/engine.ts';

/** Keeps lines and records, in order. */
export class MemoryLog implements Log {
  readonly lines: LogLine[] = [];
  readonly records: DecisionRecord[] = [];
  readonly #waiting: { readonly code: string; readonly tell: (line: LogLine) => void }[] = [];

  line(level: LogLevel, code: string, message: string, fields?: LogFields): void {
    const line: LogLine = { level, code, message, fields };
    this.lines.push(line);
    for (const waiting of this.#waiting) if (waiting.code === code) waiting.tell(line);
  }

  record(record: SessionRecord): void {
    this.records.push(decisionRecordOf(record));
  }

  /** The codes of all lines so far. */
  get codes(): readonly string[] {
    return this.lines.map((line) => line.code);
  }

  /** The first line with this code, past or to come. */
  async next(code: string): Promise<LogLine> {
    const past = this.lines.find((line) => line.code === code);
    return past ?? new Promise((tell) => this.#waiting.push({ code, tell }));
  }
}
