// Starts servers, waits until they listen, and ends them and their descendants by their own ids.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { treeOf } from './process-tree.ts';

const START_MS = 15_000;
const STOP_MS = 5_000;

/** A server to start. */
export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** It is ready when all of these accept connections. */
  readonly ports: readonly number[];
  /** Where its output goes. */
  readonly log: string;
}

/** A server that runs. */
export interface Running {
  readonly pid: number;
  /** Ends it and waits until it has gone. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

// Whatever ends the benchmark, nothing that it started stays.
process.on('exit', () => {
  for (const { pid } of running) if (pid !== undefined) killTree(pid);
});

/** Starts a server and waits until it listens. Rejects with its last words. */
export async function start(command: Command): Promise<Running> {
  const log = openSync(command.log, 'w');
  const child = spawn(command.file, command.args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...command.env },
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start ${command.file}`);
  running.add(child);
  child.once('exit', () => running.delete(child));
  const server = { pid, stop: () => stop(child, pid) };
  try {
    for (const port of command.ports) await waitFor(port, child);
  } catch (error) {
    await server.stop();
    const words = readFileSync(command.log, 'utf8').trim().slice(-1000);
    throw new Error(`${command.name} does not listen: ${words}`, { cause: error });
  }
  return server;
}

async function waitFor(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (child.exitCode === null && child.signalCode === null) {
    if (await listens(port)) return;
    if (performance.now() > deadline) throw new Error(`Nothing listens on port ${port}`);
    await sleep(50);
  }
  throw new Error(`It ended with ${child.exitCode ?? child.signalCode ?? 'nothing'}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function stop(child: ChildProcess, pid: number): Promise<void> {
  if (!running.has(child)) return;
  child.kill('SIGTERM');
  for (const end = performance.now() + STOP_MS; running.has(child) && performance.now() < end;)
    await sleep(20);
  if (running.has(child)) killTree(pid);
  running.delete(child);
}

function killTree(pid: number): void {
  for (const member of treeOf(pid)) {
    try {
      process.kill(member, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
