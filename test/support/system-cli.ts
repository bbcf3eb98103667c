// The commands of zorp that end by themselves, in the process of the test: a hundred of them take no longer than one
// process each would take for three.
import { currentInterfaces } from '../../src/instance/current-interfaces.ts';
import { lookUpHost } from '../../src/instance/host-lookup.ts';
import { loadPolicy } from '../../src/instance/load-policy.ts';
import { resolveNames } from '../../src/instance/resolve-names.ts';
import { typeCheck } from '../../src/instance/type-check.ts';
import { runProgram } from '../../src/cli/program.ts';
import { plainPaint } from '../../src/log/paint.ts';

/** What came of a command. */
export interface CommandResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line such as `['check', 'policy.ts']`. */
export async function runCommand(args: readonly string[]): Promise<CommandResult> {
  let out = '';
  let err = '';
  const output = {
    out: (text: string): void => void (out += text),
    err: (text: string): void => void (err += text),
    paintOut: plainPaint,
    paintErr: plainPaint,
  };
  const none = (): never => {
    throw new Error('zorp run is a process of its own: RunningZorp.start()');
  };
  const process = { onSignal: none, onUncaught: () => undefined }; // the test runner catches what is uncaught
  const openMachine = none; // zorp nft needs a network namespace
  const looking = { lookUpHost, openMachine, resolveNames, interfaces: () => currentInterfaces() };
  const rights = { becomeUser: none, keepCapabilitiesFromPrograms: none };
  const running = { runInstance: none, openLog: none, process, ...rights };
  const tools = { loadPolicy, typeCheck, ...looking, ...running };
  const exitCode = await runProgram(args, { output, tools });
  return { exitCode, out, err };
}
