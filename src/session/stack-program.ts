// An external program as the child of a proxy: its limits of time, its control channel, its log lines, its end.

import { obeyControl } from '../proxy/control-command.ts';
import { ControlReader, writeControlMessage } from '../proxy/control-message.ts';
import type { Bytes, ConnectFailure } from '../proxy/engine.ts';
import type { Environment, Program } from '../proxy/program.ts';
import { PolicyFault } from '../proxy/violation.ts';
import type { ProgramExit, ProgramListener, RunningProgram } from './outside.ts';
import { programEnvironment } from './program-environment.ts';
import { ProgramLog } from './program-log.ts';
import type { ChildStart } from './child-start.ts';
import type { RunningChild } from './pump-host.ts';
import { PumpTimers } from './pump-timers.ts';
import type { Stream } from './stream.ts';

// A program whose descriptors 0 and 1 are closed has nothing more to say: so long it may take to exit.
const EXIT_TIMEOUT_MS = 2_000;

// A verdict is said once or a few times. Each command costs an answer and a call of the parent's engine.
const MAX_COMMANDS = 1_000;

// What a shell says of a command that it could not run (POSIX, Shell Command Language, 2.8.2).
const SHELL_COULD_NOT_RUN: readonly number[] = [126, 127];

/** A child that was refused: there is nothing to end. */
export const NOT_RUNNING: RunningChild = { abort: () => undefined };

/** Starts a program. */
export function startProgram(program: Program, start: ChildStart): RunningChild {
  let environment: Environment;
  try {
    environment = programEnvironment(program, start.session.forPolicy);
  } catch (error) {
    start.finished();
    start.listener.refused(failureOf(error));
    return NOT_RUNNING;
  }
  return new ProgramChild(program, start).run(environment);
}

/** A fault of the policy is refused with its own reason; a bug is one of a single session. */
function failureOf(error: unknown): ConnectFailure {
  if (error instanceof PolicyFault)
    return { reason: error.code, verdict: error.verdict, message: error.message };
  throw error;
}

const PARENT_ENDED = ending('accepted', 'parent-ended', 'its parent ended');
const RAN_TOO_LONG = ending('denied-by-limit', 'program.timeout', 'it ran for too long');
const STOOD_STILL = ending('denied-by-limit', 'program.timeout', 'it stood still for too long');
const DID_NOT_EXIT = ending('denied-by-limit', 'program.timeout', 'it did not exit at its end');
const FLOODED = ending('denied-by-limit', 'program.control-flood', 'it gave too many commands');

/** One program that runs. */
class ProgramChild implements ProgramListener {
  readonly #program: Program;
  readonly #start: ChildStart;
  readonly #control = new ControlReader();
  readonly #log: ProgramLog;
  readonly #timers: PumpTimers;
  #running: RunningProgram | undefined;
  #state: 'starting' | 'running' | 'exited' | 'over' = 'starting';
  #isReleased = false;
  #commands = 0;
  /** Why it was killed. */
  #killedFor: ConnectFailure | undefined;

  constructor(program: Program, start: ChildStart) {
    this.#program = program;
    this.#start = start;
    const { clock } = start.runtime.outside;
    this.#log = new ProgramLog(clock, (line) => {
      this.#say('info', 'program.said', line);
    });
    this.#timers = new PumpTimers(start.runtime.alarms, {
      timerElapsed: (timer) =>
        this.#kill(
          timer === 'total' ? RAN_TOO_LONG : timer === 'idle' ? STOOD_STILL : DID_NOT_EXIT,
        ),
    });
  }

  run(environment: Environment): RunningChild {
    const { command, workingDirectory } = this.#program;
    const { programs } = this.#start.runtime.outside;
    this.#running = programs.run({ command, environment, workingDirectory }, this);
    return {
      abort: () => {
        this.#kill(PARENT_ENDED);
      },
    };
  }

  started(client: Stream, server: Stream): void {
    const { timeoutMs, idleTimeoutMs } = this.#program;
    this.#state = 'running';
    this.#timers.set('total', timeoutMs, 'total');
    this.#timers.set('idle', idleTimeoutMs, 'idle');
    this.#start.listener.started({ client, server });
  }

  moved(): void {
    this.#timers.traffic();
  }

  controlReceived(bytes: Bytes): void {
    if (this.#killedFor !== undefined) return;
    for (const message of this.#control.read(bytes)) {
      if (++this.#commands > MAX_COMMANDS) {
        this.#kill(FLOODED);
        return;
      }
      const { answer, verdict } = obeyControl(message);
      if (verdict !== undefined)
        this.#start.listener.said({ type: 'stack-content-verdict', verdict });
      this.#running?.answer(writeControlMessage(answer));
    }
    const { fault } = this.#control;
    if (fault !== undefined)
      this.#kill(ending('denied-by-unknown-fail', 'program.control-garbage', fault));
  }

  errorReceived(bytes: Bytes): void {
    this.#log.take(bytes);
  }

  exited(exit: ProgramExit): void {
    const wasRunning = this.#state === 'running';
    this.#state = 'exited';
    this.#log.end();
    this.#timers.set('exit', undefined, 'total');
    const end = this.#killedFor ?? endingOf(exit);
    const { verdict, reason } = end;
    const message = `Program ${this.#program.name} ended: ${end.message}`;
    this.#say(verdict === 'accepted' ? 'info' : 'error', reason, message);
    if (wasRunning) this.#start.listener.ended(verdict, reason);
    else this.#start.listener.refused({ ...end, message });
    if (wasRunning) this.#finishIfReleased();
    else this.#finish();
  }

  released(): void {
    this.#isReleased = true;
    if (this.#state === 'running') this.#timers.set('exit', EXIT_TIMEOUT_MS, 'total');
    this.#finishIfReleased();
  }

  /**
   * What it left in its streams is still bound by its times, and counts as running: a process that it started and that got
   * out of its group could go on for ever.
   */
  #finishIfReleased(): void {
    if (this.#state === 'exited' && this.#isReleased) this.#finish();
  }

  #finish(): void {
    this.#state = 'over';
    this.#timers.clear();
    this.#start.finished();
  }

  #kill(why: ConnectFailure): void {
    if (this.#state === 'starting' || this.#state === 'running') this.#killedFor ??= why;
    this.#running?.kill();
  }

  #say(level: 'info' | 'error', code: string, message: string): void {
    const { runtime, session } = this.#start;
    const { name } = this.#program;
    runtime.log.line(level, code, message, { session: session.sessionId, program: name });
  }
}

function endingOf(exit: ProgramExit): ConnectFailure {
  switch (exit.type) {
    case 'not-started':
      return cannotStart(`it could not be started (${exit.error})`);
    case 'killed':
      return ending('denied-by-unknown-fail', 'program.killed', `signal ${exit.signal}`);
    case 'exited':
      if (exit.code === 0) return ending('accepted', 'program.ended', 'exit code 0');
      if (SHELL_COULD_NOT_RUN.includes(exit.code))
        return cannotStart(`it could not be run (exit code ${exit.code})`);
      return ending('denied-by-unknown-fail', 'program.failed', `exit code ${exit.code}`);
  }
}

function cannotStart(message: string): ConnectFailure {
  return ending('denied-by-unknown-fail', 'program.cannot-start', message);
}

function ending(
  verdict: ConnectFailure['verdict'],
  reason: string,
  message: string,
): ConnectFailure {
  return { verdict, reason, message };
}
