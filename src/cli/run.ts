// zorp run: runs one instance of a policy until a signal ends it.

import type { RunAs } from '../instance/become-user.ts';
import { PolicyLoadError, showLoadFault } from '../instance/load-fault.ts';
import type { LoadedPolicy } from '../instance/load-policy.ts';
import type { InstanceOptions } from '../instance/instance.ts';
import type { Log } from '../log/log.ts';
import type { ProcessLog } from '../log/process-log.ts';
import { chooseInstance } from './choose-instance.ts';
import type { ExitCode, Tools } from './command.ts';
import { CommandError, countFaults, wrongUse } from './command.ts';
import type { ProcessEvents } from './process-events.ts';
import { thingsToTry } from './things-to-try.ts';
import type { UncaughtWatch } from './uncaught.ts';
import { watchUncaught } from './uncaught.ts';

/** Options of the command, as they stand on the command line. */
export interface RunOptions {
  readonly instance?: string;
  /** Who to run as. Default: whoever started it. */
  readonly user?: string;
  readonly group?: string;
  readonly json: boolean;
}

/** The part of an instance that this command uses. */
export interface Running {
  readonly listening: readonly string[];
  reload(loaded: LoadedPolicy): Promise<void>;
  drain(timeoutMs: number): Promise<void>;
}

/** What this command needs of the world. */
export interface RunTools extends Pick<Tools, 'loadPolicy'> {
  readonly process: ProcessEvents;
  /** Returns only if this process runs as that user, who can read the files. */
  becomeUser(wanted: RunAs, files: readonly string[]): void;
  /** Keeps what this process may do from programs of the policy, or says why that cannot be. */
  keepCapabilitiesFromPrograms(): string | undefined;
  openLog(options: { readonly json: boolean }): ProcessLog;
  runInstance(options: InstanceOptions): Promise<Running>;
}

/** How long sessions may go on after the first signal: what systemd waits (90 s) is longer. */
export const DRAIN_MS = 30_000;

/** How long the log may take to get out at the end: before the last line, which says what did not, and once more for that. */
const FLUSH_MS = 1_000;

/** Runs an instance; 0 when a signal ended it. */
export async function run(path: string, options: RunOptions, tools: RunTools): Promise<ExitCode> {
  become(path, options, tools); // first of all: nothing is open yet, and no code of the policy has run
  const uncaught = watchUncaught(tools.process, 'Cannot start');
  const hangup = watchHangup(tools.process);
  const { instance, log, running } = await begin(path, options, { tools, uncaught });
  hangup.onHangup(reloader(tools, { path, instance, log, running }));
  await drainOnSignal(tools.process, log, running);
  await log.flush(FLUSH_MS);
  tellEnd(log, instance);
  await log.flush(FLUSH_MS);
  return 0;
}

/** An instance that was started. */
interface Begun {
  readonly instance: string;
  readonly log: ProcessLog;
  readonly running: Running;
}

/** A function of its own: one that waits for the end keeps whatever it has held, such as the policy of the start. */
async function begin(
  path: string,
  options: RunOptions,
  { tools, uncaught }: { readonly tools: RunTools; readonly uncaught: UncaughtWatch },
): Promise<Begun> {
  const loaded = await uncaught.unlessUncaught(tools.loadPolicy(path));
  const instance = chooseInstance(loaded.policy, options.instance);
  const log = tools.openLog({ json: options.json });
  keepCapabilities(tools, log);
  const running = await uncaught.unlessUncaught(start({ loaded, instance, log }, tools));
  uncaught.logTo(log);
  tellStart(log, instance, loaded, running);
  return { instance, log, running };
}

function become(path: string, { user, group }: RunOptions, tools: RunTools): void {
  if (user === undefined) {
    if (group !== undefined) throw wrongUse('--group needs --user: name the user to run as');
    return;
  }
  try {
    tools.becomeUser({ user, group }, [path]);
  } catch (error) {
    throw new CommandError('run.user', messageOf(error));
  }
}

function keepCapabilities(tools: RunTools, log: Log): void {
  const problem = tools.keepCapabilitiesFromPrograms();
  if (problem !== undefined) log.line('error', 'instance.capabilities', problem);
}

async function start(options: InstanceOptions, tools: RunTools): Promise<Running> {
  try {
    return await tools.runInstance(options);
  } catch (error) {
    throw new CommandError('run.start', messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tellStart(log: Log, instance: string, loaded: LoadedPolicy, running: Running): void {
  const { file, revision, policy } = loaded;
  const message = `Instance ${instance} runs ${file}`;
  log.line('info', 'instance.started', message, { instance, revision, pid: process.pid });
  tellAddresses(log, instance, [], running.listening);
  for (const command of thingsToTry(policy, instance, running.listening))
    log.line('info', 'instance.try', `Try: ${command}`);
}

/** Only what is new is told: a reload keeps the other addresses open. */
function tellAddresses(
  log: Log,
  instance: string,
  before: readonly string[],
  now: readonly string[],
): void {
  for (const address of now.filter((one) => !before.includes(one)))
    log.line('info', 'instance.listening', `Listening on ${address}`, { instance, address });
  for (const address of before.filter((one) => !now.includes(one)))
    log.line('info', 'instance.closed', `No longer listening on ${address}`, { instance, address });
}

/** What still waits is lost with the process. */
function tellEnd(log: ProcessLog, instance: string): void {
  const dropped = log.dropped + log.unwritten;
  const message = `Instance ${instance} has ended`;
  if (dropped === 0) {
    log.line('info', 'instance.ended', message, { instance });
    return;
  }
  const lost = dropped === 1 ? '1 record or line was' : `${dropped} records and lines were`;
  const told = `${message}; ${lost} dropped since the start`;
  log.line('error', 'instance.ended', told, { instance, dropped });
}

interface HangupWatch {
  /** What SIGHUP does from now on; one that came earlier does it now. */
  onHangup(call: () => void): void;
}

/** A SIGHUP that comes before the instance has started must not end the process: it is done afterwards. */
function watchHangup(events: ProcessEvents): HangupWatch {
  let cameEarly = false;
  let call = (): void => {
    cameEarly = true;
  };
  events.onSignal('SIGHUP', () => call());
  return {
    onHangup: (then) => {
      call = then;
      if (cameEarly) then();
    },
  };
}

interface Reloading {
  readonly path: string;
  readonly instance: string;
  readonly log: Log;
  readonly running: Running;
}

/** One reload at a time; signals that come meanwhile are one more, because the file may have changed again. */
function reloader(tools: RunTools, reloading: Reloading): () => void {
  let state: 'idle' | 'loading' | 'asked-again' = 'idle';
  const isAskedAgain = (): boolean => state === 'asked-again';
  const reloadAll = async (): Promise<void> => {
    do {
      state = 'loading';
      await reload(tools, reloading);
    } while (isAskedAgain());
    state = 'idle';
  };
  return () => {
    if (state === 'idle') void reloadAll();
    else state = 'asked-again';
  };
}

async function reload(tools: RunTools, { path, instance, log, running }: Reloading): Promise<void> {
  try {
    const loaded = await tools.loadPolicy(path);
    const before = [...running.listening];
    await running.reload(loaded);
    const { revision, file } = loaded;
    log.line('info', 'policy.reloaded', `New connections get the policy ${file}`, { revision });
    tellAddresses(log, instance, before, running.listening);
  } catch (error) {
    const faults = error instanceof PolicyLoadError ? error.faults : [];
    for (const fault of faults)
      log.line('error', 'policy.fault', showLoadFault(fault), { fault: fault.code });
    const why = faults.length > 0 ? `it has ${countFaults(faults)}` : messageOf(error);
    const message = `The new policy is refused, the old one stays: ${why}`;
    log.line('error', 'policy.refused', message);
  }
}

/** Resolves when the instance has drained; a second signal ends its sessions, each with a reset and a record. */
function drainOnSignal(events: ProcessEvents, log: Log, running: Running): Promise<void> {
  return new Promise((resolve) => {
    let state: 'running' | 'draining' | 'ended' = 'running';
    const end = (): void => {
      state = 'ended';
      resolve();
    };
    const drain = (timeoutMs: number): void => {
      running.drain(timeoutMs).then(end, (error: unknown) => {
        if (state !== 'ended') log.line('error', 'instance.drain-failed', messageOf(error));
        end();
      });
    };
    const stop = (): void => {
      if (state === 'ended') return; // only the log is still being written
      if (state === 'draining') {
        log.line('info', 'instance.cut', 'A second signal: sessions that still run are ended');
        drain(0);
        return;
      }
      state = 'draining';
      const seconds = DRAIN_MS / 1000;
      const message = `No new connections; sessions may finish for ${seconds} s, a second signal ends them`;
      log.line('info', 'instance.draining', message);
      drain(DRAIN_MS);
    };
    events.onSignal('SIGINT', stop);
    events.onSignal('SIGTERM', stop);
  });
}
