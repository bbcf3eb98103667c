// External programs as processes. A program has a process group of its own, two sockets as descriptors 0 and 1, its error
// output as 2 and its control channel as 3; its group ends with it.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type {
  ProgramExit,
  ProgramListener,
  ProgramRequest,
  ProgramRunner,
  RunningProgram,
} from '../session/outside.ts';
import type { DescriptorBudget } from './descriptor-budget.ts';
import { errorCode } from './error-code.ts';
import { findProgram } from './find-program.ts';
import { ProgramStream } from './program-stream.ts';

// How long a program that is asked to end may take for it before it is killed.
const TERMINATION_GRACE_MS = 2_000;

// After the exit its last words wait in two sockets: so long they may take if something holds them open.
const LAST_WORDS_MS = 500;

// More error output than this makes the program wait for the next second: nobody reads it, and reading costs.
const MAX_ERROR_BYTES_A_SECOND = 65_536;

// Node makes pairs of sockets, as it does for all pipes to a child; but of the one for descriptor 0 it only gives a writer
// away, so that two others are made, and this moves them to where they belong. No word of it comes from the policy.
const MOVE_DESCRIPTORS = 'exec "$@" 0<&4 1>&5 4<&- 5>&-';

const DESCRIPTORS = 4;

/** Starts programs with the means of the operating system. */
export class SystemProgramRunner implements ProgramRunner {
  readonly #budget: DescriptorBudget;
  readonly #running = new Set<Process>();
  readonly #killAll = (): void => {
    for (const program of this.#running) program.signal('SIGKILL');
  };

  constructor(budget: DescriptorBudget) {
    this.#budget = budget;
  }

  run(request: ProgramRequest, listener: ProgramListener): RunningProgram {
    const program = new Process(this.#budget, listener, () => this.#ended(program));
    // No program outlives this process, but for one that is killed without a warning: then the sockets end.
    if (this.#running.size === 0) process.on('exit', this.#killAll);
    this.#running.add(program);
    void program.start(request);
    return program;
  }

  #ended(program: Process): void {
    this.#running.delete(program);
    if (this.#running.size === 0) process.off('exit', this.#killAll);
  }
}

/** One process, from the search for its file to its exit. */
class Process implements RunningProgram {
  readonly #budget: DescriptorBudget;
  readonly #listener: ProgramListener;
  readonly #ended: () => void;
  #child: ChildProcess | undefined;
  #control: Socket | undefined;
  #streams: readonly ProgramStream[] = [];
  #state: 'starting' | 'running' | 'killed' | 'exited' = 'starting';
  #open = 0;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(budget: DescriptorBudget, listener: ProgramListener, ended: () => void) {
    this.#budget = budget;
    this.#listener = listener;
    this.#ended = ended;
  }

  async start({ command, environment, workingDirectory }: ProgramRequest): Promise<void> {
    const [file, ...parameters] = command;
    const found = await findProgram(file, environment['PATH'] ?? '');
    const error = found.ok ? this.#reasonNotTo() : found.error;
    if (!found.ok || error !== undefined) {
      this.#notStarted(error ?? 'EUNKNOWN');
      return;
    }
    try {
      const child = spawn('/bin/sh', ['-c', MOVE_DESCRIPTORS, 'sh', found.path, ...parameters], {
        cwd: workingDirectory,
        env: environment,
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      });
      this.#adopt(child);
    } catch (bug) {
      this.#notStarted(errorCode(bug));
    }
  }

  answer(bytes: Uint8Array): void {
    this.#control?.write(Buffer.from(bytes));
  }

  kill(): void {
    if (this.#state === 'exited') for (const stream of this.#streams) stream.cut();
    if (this.#state === 'starting') this.#state = 'killed';
    if (this.#state !== 'running') return;
    this.#state = 'killed';
    for (const stream of this.#streams) stream.hold('killed');
    this.signal('SIGTERM');
    this.#killTimer = setTimeout(() => this.signal('SIGKILL'), TERMINATION_GRACE_MS);
  }

  /** Signals the whole process group. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  #reasonNotTo(): string | undefined {
    if (this.#state === 'killed') return 'ECANCELED';
    return this.#budget.free < DESCRIPTORS ? 'EMFILE' : undefined;
  }

  #notStarted(error: string): void {
    this.#exited({ type: 'not-started', error });
  }

  #adopt(child: ChildProcess): void {
    this.#child = child;
    child.once('error', (error) => {
      if (child.pid === undefined) this.#notStarted(errorCode(error));
    });
    // Without a descriptor Node makes no streams at all, whatever the type says, and tells of an error later.
    const stdio: unknown = child.stdio;
    const parts: readonly unknown[] = Array.isArray(stdio) ? stdio : [];
    const [, , errors, control, client, server] = parts;
    if (!(errors instanceof Socket && control instanceof Socket)) return;
    if (!(client instanceof Socket && server instanceof Socket)) return;
    this.#control = control;
    this.#listenTo(errors, (bytes) => this.#listener.errorReceived(bytes));
    throttle(errors);
    this.#listenTo(control, (bytes) => this.#listener.controlReceived(bytes));
    this.#streams = [client, server].map((socket) => this.#streamOf(socket));
    for (const socket of [errors, control, client, server])
      this.#budget.charge(socket, 'connected');
    child.once('spawn', () => this.#spawned());
    child.once('exit', (code, signal) => {
      const exit: ProgramExit =
        signal === null ? { type: 'exited', code: code ?? 0 } : { type: 'killed', signal };
      this.signal('SIGKILL'); // what it has left behind in its group
      void this.#hearLastWords([errors, control]).then(() => this.#exited(exit));
    });
  }

  #listenTo(socket: Socket, take: (bytes: Uint8Array) => void): void {
    socket.on('error', () => undefined); // what it says is read to its end, whatever becomes of the answers
    socket.on('data', take);
  }

  #streamOf(socket: Socket): ProgramStream {
    this.#open++;
    return new ProgramStream(socket, {
      moved: () => this.#listener.moved(),
      closed: () => {
        if (--this.#open === 0) this.#listener.released();
      },
    });
  }

  #spawned(): void {
    const [client, server] = this.#streams;
    if (this.#state === 'killed') {
      this.#state = 'running';
      this.kill();
    } else if (client !== undefined && server !== undefined) {
      this.#state = 'running';
      this.#listener.started(client, server);
    }
  }

  async #hearLastWords(sockets: readonly Socket[]): Promise<void> {
    const closed = sockets.map((socket) => untilClosed(socket));
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, LAST_WORDS_MS);
    await Promise.all(closed);
    clearTimeout(timer);
  }

  #exited(exit: ProgramExit): void {
    if (this.#state === 'exited') return;
    const isProper = this.#state === 'running' && exit.type === 'exited' && exit.code === 0;
    const wasKilled = this.#state === 'killed';
    this.#state = 'exited';
    clearTimeout(this.#killTimer);
    this.#ended();
    this.#listener.exited(exit);
    for (const stream of this.#streams)
      if (wasKilled) stream.cut();
      else stream.settle(isProper ? 'proper' : 'cut');
  }
}

function untilClosed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once('close', resolve);
  });
}

/** Reads a stream at a bounded rate. */
function throttle(stream: Readable): void {
  let left = MAX_ERROR_BYTES_A_SECOND;
  let timer: NodeJS.Timeout | undefined;
  stream.on('data', (bytes: Uint8Array) => {
    left -= bytes.length;
    if (left <= 0) stream.pause();
    timer ??= setTimeout(() => {
      timer = undefined;
      left = MAX_ERROR_BYTES_A_SECOND;
      stream.resume();
    }, 1_000);
  });
  stream.once('close', () => clearTimeout(timer));
}
