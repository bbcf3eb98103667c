// `zorp run` as a process of a test: its log lines, its decision records, its signals.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import type { Command, Owner } from './system-process.ts';
import { SystemProcess } from './system-process.ts';
import { until } from './system-wait.ts';

/** One line of its log. */
export interface LoggedLine {
  readonly level: string;
  readonly code: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** How to start it. */
export interface RunOptions {
  /** Puts it elsewhere: `(command) => lab.inside(command)`. */
  readonly inside?: (command: Command) => Command;
  readonly args?: readonly string[];
}

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/cli/main.ts');

/** The command line of zorp. */
export function zorpCommand(...args: readonly string[]): Command {
  return [process.execPath, MAIN, ...args];
}

/** A Zorp that runs. */
export class RunningZorp {
  readonly process: SystemProcess;
  #takenRecords = 0;
  #takenLines = 0;

  constructor(process: SystemProcess) {
    this.process = process;
  }

  /** Starts `zorp run POLICY` and waits until it listens. */
  static async start(
    owner: Owner,
    policyFile: string,
    options: RunOptions = {},
  ): Promise<RunningZorp> {
    const plain = zorpCommand('run', policyFile, ...(options.args ?? []));
    const command = options.inside?.(plain) ?? plain;
    const zorp = new RunningZorp(SystemProcess.start(owner, command));
    await zorp.says('instance.listening');
    return zorp;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** The port of its first listener. */
  get port(): number {
    const line = this.lines.find(({ code }) => code === 'instance.listening');
    return Number(String(line?.fields?.['address']).split(':').at(-1));
  }

  /** All decision records so far. */
  get records(): readonly DecisionRecord[] {
    return parseLines<DecisionRecord>(this.process.stdout);
  }

  /** All log lines so far. */
  get lines(): readonly LoggedLine[] {
    return parseLines<LoggedLine>(this.process.stderr);
  }

  /** The next record that nobody has taken. */
  async record(): Promise<DecisionRecord> {
    const record = await until(
      `record ${this.#takenRecords + 1}`,
      () => this.records[this.#takenRecords],
      { seen: () => this.process.stderr + this.process.stdout },
    );
    this.#takenRecords++;
    return record;
  }

  /** Waits for a log line with this code, behind those that were taken. */
  async says(code: string): Promise<LoggedLine> {
    const find = (): number =>
      this.lines.findIndex((line, index) => index >= this.#takenLines && line.code === code);
    await until(
      `a log line ${code}`,
      () => {
        if (find() !== -1) return true;
        if (this.process.isRunning) return undefined;
        throw new Error(`zorp ended:\n${this.process.stdout}${this.process.stderr}`);
      },
      { seen: () => this.process.stderr },
    );
    const index = find();
    this.#takenLines = index + 1;
    const line = this.lines[index];
    if (line === undefined) throw new Error(`No log line ${code}`);
    return line;
  }

  /** How many descriptors it has. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** CPU time that it has used, in milliseconds. */
  get cpuMs(): number {
    // proc(5): utime and stime are fields 14 and 15; the name, field 2, may have spaces.
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  }
}

const MS_PER_TICK = 10; // USER_HZ is 100 on every Linux

/** The whole lines of a text as JSON; lines that are none are skipped. */
function parseLines<Line>(text: string): Line[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
}
