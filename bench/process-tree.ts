// What a process and all its descendants have used, as the kernel counts it. Linux only: it reads /proc.

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

// USER_HZ, the unit of times in /proc. It is 100 on every architecture that Node runs on.
const TICKS_PER_SECOND = 100;
// Where the fields are in /proc/PID/stat, counted after the name of the program (proc(5): fields 4 and 14 to 17).
const PARENT = 1;
const TIMES = [11, 12, 13, 14];

/** The process and all its descendants that run now. */
export function treeOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = readStat(Number(name))?.[PARENT];
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const tree = [pid];
  for (const member of tree)
    for (const [child, parent] of parents) if (parent === member) tree.push(child);
  return tree;
}

/** Seconds of CPU that the tree has used since its start, in user and kernel mode, ended children included. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const member of treeOf(pid))
    for (const time of TIMES) ticks += readStat(member)?.[time] ?? 0;
  return ticks / TICKS_PER_SECOND;
}

/**
 * The same, once the tree has gone quiet: connections are closed and logs written after the last byte has reached the
 * client, and that is part of the work.
 */
export async function settledCpuSeconds(pid: number): Promise<number> {
  let before = cpuSeconds(pid);
  for (let checks = 0; checks < 20; checks += 1) {
    await sleep(50);
    const after = cpuSeconds(pid);
    if (after === before) return after;
    before = after;
  }
  return before;
}

/** Bytes of memory of the tree, where pages that several processes share are divided between them. */
export function memoryBytes(pid: number): number {
  let kibibytes = 0;
  for (const member of treeOf(pid)) {
    const rollup = readFileSync(`/proc/${member}/smaps_rollup`, 'utf8');
    kibibytes += Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
  }
  return kibibytes * 1024;
}

function readStat(pid: number): readonly number[] | undefined {
  if (!Number.isInteger(pid)) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program stands in brackets and may have blanks and brackets in it.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch {
    return undefined; // it has ended since the directory was read
  }
}
