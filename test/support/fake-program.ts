// External programs that a test plays: what they were started with, what they say, and how they end.
import assert from 'node:assert/strict';
import type {
  ProgramExit,
  ProgramListener,
  ProgramRequest,
  ProgramRunner,
  RunningProgram,
} from '../../src/session/outside.ts';
import type { FakeStream } from './fake-stream.ts';
import { toBytes, toText } from './latin1.ts';

/** One program. */
export class FakeProgram implements RunningProgram {
  readonly request: ProgramRequest;
  /** What was answered on its control channel. */
  answers = '';
  kills = 0;
  readonly #listener: ProgramListener;
  readonly #stream: () => FakeStream;
  #streams: readonly FakeStream[] = [];

  constructor(request: ProgramRequest, listener: ProgramListener, stream: () => FakeStream) {
    this.request = request;
    this.#listener = listener;
    this.#stream = stream;
  }

  /** Its descriptor 0, as Zorp has it. */
  get client(): FakeStream {
    return this.#streams[0] ?? assert.fail('The program does not run');
  }

  /** Its descriptor 1, as Zorp has it. */
  get server(): FakeStream {
    return this.#streams[1] ?? assert.fail('The program does not run');
  }

  /** It runs. */
  starts(): this {
    this.#streams = [this.#stream(), this.#stream()];
    this.#listener.started(this.client, this.server);
    return this;
  }

  /** It moves bytes. */
  moves(): void {
    this.#listener.moved();
  }

  /** It writes to its control channel. */
  controls(text: string): void {
    this.#listener.controlReceived(toBytes(text));
  }

  /** It writes to its error output. */
  complains(text: string): void {
    this.#listener.errorReceived(toBytes(text));
  }

  /** It closes its streams. */
  closes(): void {
    this.#listener.released();
  }

  /** It has ended; its streams say so. */
  exits(exit: ProgramExit | number = 0): void {
    const how: ProgramExit = typeof exit === 'number' ? { type: 'exited', code: exit } : exit;
    this.#listener.exited(how);
    const isProper = how.type === 'exited' && how.code === 0 && this.kills === 0;
    for (const stream of this.#streams)
      if (isProper) stream.ends();
      else stream.breaks();
  }

  answer(bytes: Uint8Array): void {
    this.answers += toText(bytes);
  }

  kill(): void {
    this.kills++;
  }
}

/** Keeps the programs that it was asked for. */
export class FakeProgramRunner implements ProgramRunner {
  readonly asked: FakeProgram[] = [];
  readonly #stream: () => FakeStream;

  constructor(stream: () => FakeStream) {
    this.#stream = stream;
  }

  /** The program that was asked for last. */
  get last(): FakeProgram {
    return this.asked.at(-1) ?? assert.fail('No program was asked for');
  }

  run(request: ProgramRequest, listener: ProgramListener): RunningProgram {
    const program = new FakeProgram(request, listener, this.#stream);
    this.asked.push(program);
    return program;
  }
}
