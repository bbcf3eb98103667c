// Child processes that answer a question or make one change: their time and their output are bounded.

import { spawn } from 'node:child_process';

/** One run of a program. */
export interface CommandRun {
  readonly program: string;
  readonly args: readonly string[];
  /** What it reads on standard input; nothing by default. */
  readonly input?: string;
  /** Default: 30 s, in which nft loads some 100,000 elements. */
  readonly timeoutMs?: number;
  /** Bytes of either output, default 64 MiB: a listing of a million elements. */
  readonly maxOutputBytes?: number;
  /** Called with the process id before the program gets its input. */
  readonly onStart?: (pid: number) => void;
}

/** How a run ended: with an exit status, or it could not be run to its end, and why. */
export type CommandEnd =
  | {
      readonly kind: 'ended';
      readonly status: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | {
      readonly kind: 'failed';
      /** `ENOENT` and other codes of the system, `timeout`, `output` (too much of it), or the name of a signal. */
      readonly reason: string;
    };

/** Runs a program to its end. Never rejects. */
export type RunCommand = (run: CommandRun) => Promise<CommandEnd>;

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The real one. Programs are looked up in PATH and in the folders for administrators, which sudo may have left out. */
export const runCommand: RunCommand = (run) => {
  const child = spawn(run.program, run.args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // The messages of nft and ip are read: no other language than theirs.
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
  });
  if (child.pid !== undefined) run.onStart?.(child.pid);
  const maxBytes = run.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  let failure: string | undefined;
  const stop = (reason: string): void => {
    failure ??= reason;
    child.kill('SIGKILL');
    for (const stream of [child.stdout, child.stderr]) stream.destroy(); // what it started may hold them open
  };
  const stdout = collect(child.stdout, maxBytes, () => stop('output'));
  const stderr = collect(child.stderr, maxBytes, () => stop('output'));
  child.stdin.on('error', () => undefined); // it ended before it had read all
  child.stdin.end(run.input ?? '');
  return new Promise((resolve) => {
    const timer = setTimeout(() => stop('timeout'), run.timeoutMs ?? TIMEOUT_MS);
    const end = (result: CommandEnd): void => {
      clearTimeout(timer);
      resolve(result);
    };
    child.on('error', (error: NodeJS.ErrnoException) =>
      end({ kind: 'failed', reason: error.code ?? error.message }),
    );
    child.on('close', (code, signal) => {
      if (failure !== undefined || code === null)
        end({ kind: 'failed', reason: failure ?? signal ?? 'unknown' });
      else end({ kind: 'ended', status: code, stdout: stdout(), stderr: stderr() });
    });
  });
};

/** Keeps what a stream brings, until it is too much. */
function collect(
  stream: NodeJS.ReadableStream,
  maxBytes: number,
  tooMuch: () => void,
): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) tooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
