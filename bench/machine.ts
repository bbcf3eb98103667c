// On what it was measured: figures of two machines do not compare, and those of a busy one not even with themselves.

import { cpus, loadavg, release } from 'node:os';

/** Facts about the machine. */
export interface MachineFacts {
  readonly date: string;
  readonly cores: number;
  readonly cpu: string;
  readonly kernel: string;
  readonly node: string;
  /** Processes that wanted to run, averaged over the last minute. */
  readonly load: number;
}

/** The facts now. */
export function machineFacts(): MachineFacts {
  const all = cpus();
  return {
    date: new Date().toISOString(),
    cores: all.length,
    cpu: all[0]?.model ?? 'unknown',
    kernel: release(),
    node: process.version,
    load: loadavg()[0] ?? 0,
  };
}
