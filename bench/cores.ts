// A core of its own for whoever is measured. The peers of a proxy are on the wire; here they run on the same machine, and
// where they share its core, what the proxy sends wakes them there and they take the core from it in the middle of its work.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { installedProgram } from '../test/support/installed-program.ts';
import type { Command } from './child.ts';

/** Which processors are whose: one for the contender that is measured and the others for all else, or all for everybody. */
export type Cores =
  | {
      readonly kind: 'apart';
      /** Where the program is that says where a process runs. */
      readonly taskset: string;
      readonly contender: number;
      /** The processors of the benchmark, with its load and its servers. */
      readonly others: readonly number[];
      /** All that this process was allowed before. */
      readonly allowed: readonly number[];
    }
  | { readonly kind: 'shared'; readonly reason: string };

/**
 * Divides the processors that this process is allowed and moves it, with all its threads and what it starts from now on, off
 * the one of the contenders. They share where that cannot be done.
 */
export function takeCores(): Cores {
  const allowed = processorsIn(
    /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1],
  );
  const division = divide(allowed, siblingsOf);
  const taskset = installedProgram('taskset');
  if (division === undefined) return { kind: 'shared', reason: 'there is only one' };
  if (taskset === undefined)
    return { kind: 'shared', reason: 'there is no taskset (apt install util-linux)' };
  const fault = moveTo(division.others, taskset);
  if (fault !== undefined) return { kind: 'shared', reason: fault };
  return { kind: 'apart', taskset, ...division, allowed };
}

/** Lets this process run everywhere again. */
export function giveCoresBack(cores: Cores): void {
  if (cores.kind === 'apart') moveTo(cores.allowed, cores.taskset);
}

/**
 * A contender's command, so that it and its descendants run on the processor that is theirs. `taskset` becomes the
 * program: its process stays the same.
 */
export function onItsCore(command: Command, cores: Cores): Command {
  if (cores.kind === 'shared') return command;
  const args = ['-c', String(cores.contender), command.file, ...command.args];
  return { ...command, file: cores.taskset, args };
}

/** Who ran where, in words. */
export function describeCores(cores: Cores): string {
  return cores.kind === 'apart'
    ? `contenders on processor ${cores.contender}, load and servers on ${cores.others.join(', ')}`
    : `contenders, load and servers on the same processors: ${cores.reason}`;
}

/**
 * The first processor for the contender: so it was in the measurements that the goals come from, and any would do, since
 * all contenders have the same one. Hyper-threads of its core stay empty if others are left. Undefined for one processor.
 */
export function divide(
  [contender, ...rest]: readonly number[],
  siblingsOf: (processor: number) => readonly number[],
): { readonly contender: number; readonly others: readonly number[] } | undefined {
  if (contender === undefined || rest.length === 0) return undefined;
  const siblings = siblingsOf(contender);
  const onOtherCores = rest.filter((processor) => !siblings.includes(processor));
  return { contender, others: onOtherCores.length > 0 ? onOtherCores : rest };
}

/** The numbers in a list of the kernel, such as `0-3,7`. */
export function processorsIn(list = ''): readonly number[] {
  return list
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

function siblingsOf(processor: number): readonly number[] {
  try {
    const folder = `/sys/devices/system/cpu/cpu${processor}/topology`;
    return processorsIn(readFileSync(`${folder}/thread_siblings_list`, 'latin1'));
  } catch {
    return []; // not every machine tells
  }
}

/** Gives what went wrong. */
function moveTo(processors: readonly number[], taskset: string): string | undefined {
  // Threads of V8 and of the pool run already; those to come take after the thread that starts them.
  const args = ['--all-tasks', '--cpu-list', '--pid', processors.join(), String(process.pid)];
  const { status, stderr, error } = spawnSync(taskset, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
