// The zorp command: connects the command line to this process. Everything else is in program.ts.

import { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isatty } from 'node:tty';
import { becomeUser, keepCapabilitiesFromPrograms } from '../instance/become-user.ts';
import { currentInterfaces } from '../instance/current-interfaces.ts';
import { lookUpHost } from '../instance/host-lookup.ts';
import { runInstance } from '../instance/instance.ts';
import { loadPolicy } from '../instance/load-policy.ts';
import { resolveNames } from '../instance/resolve-names.ts';
import { typeCheck } from '../instance/type-check.ts';
import { paintFor } from '../log/paint.ts';
import { DEFAULT_STATE_FOLDER, openMachine } from '../packet-filter/machine.ts';
import type { ProcessLog } from '../log/process-log.ts';
import { openProcessLog } from '../log/process-log.ts';
import { reportError } from './command.ts';
import { policyConsole } from './policy-console.ts';
import { watchPolicyExit } from './policy-exit.ts';
import { runProgram } from './program.ts';

const written: Promise<void>[] = [];
let log: ProcessLog | undefined;
const paints = {
  paintOut: paintFor(isatty(1), process.env),
  paintErr: paintFor(isatty(2), process.env),
};
// Into the one that is there, because node:console gives that to whoever imports it.
Object.assign(
  globalThis.console,
  policyConsole({ log: () => log, err: (text) => write('stderr', text) }),
);
syncBuiltinESMExports();
const policyExit = watchPolicyExit(process, (error) => {
  const output = {
    out: (text: string) => writeNow(1, text),
    err: (text: string) => writeNow(2, text),
  };
  const isJson = log === undefined && process.argv.includes('--json'); // beside a log it would stand among the records
  return reportError(error, { ...output, ...paints }, isJson);
});

const exitCode = await runProgram(process.argv.slice(2), {
  output: {
    out: (text) => write('stdout', text),
    err: (text) => write('stderr', text),
    ...paints,
  },
  tools: {
    loadPolicy: (path) => policyExit.whileLoading(path, loadPolicy(path)),
    typeCheck,
    resolveNames,
    lookUpHost,
    openMachine: (folder) =>
      openMachine(folder ?? process.env['ZORP_STATE'] ?? DEFAULT_STATE_FOLDER),
    interfaces: () => currentInterfaces(),
    becomeUser,
    keepCapabilitiesFromPrograms,
    runInstance,
    openLog: (options) => (log = openProcessLog(options)),
    process: {
      onSignal: (signal, call) => process.on(signal, call),
      onUncaught: (call) => process.on('uncaughtException', call).on('unhandledRejection', call),
    },
  },
});
await Promise.all(written);
policyExit.stop();
// process.exit() would wait for the reader of the log, and a policy may have left timers that never end.
if (log?.isBlocked === true) process.kill(process.pid, 'SIGKILL');
process.exit(exitCode);

/** process.stdout is touched only here: it makes a pipe non-blocking, and the log is faster on a blocking one. */
function write(name: 'stdout' | 'stderr', text: string): void {
  const stream = process[name];
  stream.removeAllListeners('error').on('error', () => undefined); // EPIPE: nobody reads any more
  written.push(new Promise((resolve) => stream.write(text, () => resolve())));
}

/** For a process that is ending: what is written otherwise would never get out. */
function writeNow(descriptor: 1 | 2, text: string): void {
  try {
    writeSync(descriptor, text);
  } catch {
    // Nobody reads: the exit code says it all the same.
  }
}
