// A process that a test starts: its output, its end, and that neither it nor what it starts outlives the test.
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { after } from 'node:test';
import { until } from './system-wait.ts';

/** Who ends what it started: the context of a test, or a suite. */
export interface Owner {
  after(end: () => Promise<void>): void;
}

/** The suite as an owner, to be called within `describe`, or for all of a file at its top. */
export function suiteOwner(): Owner {
  const ends: (() => Promise<void>)[] = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => void ends.push(end) };
}

/** How a process ended. */
export interface ProcessEnd {
  /** The exit code, or the name of the signal. */
  readonly status: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command with its arguments. */
export type Command = readonly [program: string, ...args: readonly string[]];

/** A running process. If the test process dies, however it dies, the kernel ends this one too. */
export class SystemProcess {
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<ProcessEnd>;
  stdout = '';
  stderr = '';
  #isRunning = true;

  constructor(command: Command, environment: NodeJS.ProcessEnv) {
    this.#name = command.join(' ');
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // Ctrl-C is for this process alone, which ends the others in order
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, ...environment },
    });
    this.#child.stdin.on('error', ignore); // it ended before it had read all
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => {
        this.#isRunning = false;
        const { stdout, stderr } = this;
        resolve({ status: code ?? signal ?? 'SIGKILL', stdout, stderr });
      });
    });
    this.ended.catch(ignore); // whoever waits for the end is told
  }

  /** Starts a process that is stopped with its owner. */
  static start(owner: Owner, command: Command, environment: NodeJS.ProcessEnv = {}): SystemProcess {
    const started = new SystemProcess(command, environment);
    owner.after(() => started.stop());
    return started;
  }

  /** Its process id: setpriv, nsenter and prlimit replace themselves by what they start. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`Cannot start ${this.#name}`);
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Writes to its standard input and ends it. */
  feed(bytes: string | Uint8Array): void {
    this.#child.stdin.end(bytes);
  }

  /** Writes to its standard input, which stays open. */
  tell(text: string): void {
    this.#child.stdin.write(text);
  }

  signal(name: NodeJS.Signals): void {
    if (this.#isRunning) this.#child.kill(name);
  }

  /** Waits until it says something on either output. */
  async says(pattern: RegExp, deadlineMs?: number): Promise<void> {
    await until(`${this.#name} says ${pattern}`, () => this.#hasSaid(pattern) || undefined, {
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      seen: () => this.stdout + this.stderr,
    });
  }

  #hasSaid(pattern: RegExp): boolean {
    if (pattern.test(this.stdout) || pattern.test(this.stderr)) return true;
    if (this.#isRunning) return false;
    throw new Error(`${this.#name} ended without saying ${pattern}:\n${this.stdout}${this.stderr}`);
  }

  /** Waits for its end. */
  async end(deadlineMs?: number): Promise<ProcessEnd> {
    const isOver = (): true | undefined => (this.#isRunning ? undefined : true);
    await until(`the end of ${this.#name}`, isOver, {
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      seen: () => this.stdout + this.stderr,
    });
    return this.ended;
  }

  /** Ends it at once, and what it has started in its process group. */
  async stop(): Promise<void> {
    this.#killGroup();
    // What it has started in a group of its own may hold them open for longer.
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    await this.ended.catch(ignore);
  }

  #killGroup(): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined) return;
    const isOver = exitCode !== null || signalCode !== null;
    // The kernel gives its number away only when nobody of its group is left: who has it now is somebody else.
    if (isOver && isThere(pid)) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // nobody is left
    }
  }
}

/** Whether a process has this id. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs a command to its end. */
export async function run(owner: Owner, command: Command, input = ''): Promise<ProcessEnd> {
  const started = SystemProcess.start(owner, command);
  started.feed(input);
  return started.end();
}

function ignore(): void {
  // nothing to do
}
