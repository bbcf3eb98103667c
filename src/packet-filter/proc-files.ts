// What the kernel tells in /proc about this process, its network and other processes.

import { readFileSync, readlinkSync } from 'node:fs';

/** Reads a file below /proc; undefined where it is not there or says nothing about what is gone. */
export type ReadProc = (path: string) => string | undefined;

/** The real one; a symbolic link is read as the text that it has. */
export const readProc: ReadProc = (path) => {
  try {
    return path.includes('/ns/') ? readlinkSync(path) : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** A process, told apart from a later one with the same number by the tick of its start (proc(5), field 22). */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTick: string;
}

/** The process that has this number now; undefined if there is none, or it has ended and is only not collected yet. */
export function identifyProcess(pid: number, read: ReadProc): ProcessIdentity | undefined {
  // The name, field 2, may have spaces and parentheses of its own.
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  const [state, startTick] = [fields?.[0], fields?.[19]];
  if (startTick === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, startTick };
}

/** Whether that very process still runs. */
export function isRunning(process: ProcessIdentity, read: ReadProc): boolean {
  return identifyProcess(process.pid, read)?.startTick === process.startTick;
}

const CAP_NET_ADMIN = 12n; // linux/capability.h

/** Whether this process may change the packet filter and the routing. */
export function mayAdministerNetwork(read: ReadProc): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(read('/proc/self/status') ?? '')?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> CAP_NET_ADMIN) & 1n) === 1n;
}

/** A number that stands for the network namespace of this process; undefined where the kernel does not tell. */
export function networkNamespace(read: ReadProc): string | undefined {
  return /^net:\[(\d+)\]$/.exec(read('/proc/self/ns/net') ?? '')?.[1];
}

/** A text that another start of the machine does not have. */
export function bootId(read: ReadProc): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** Whether this network has IPv6, and the loopback interface takes part in it. */
export function hasIpv6(read: ReadProc): boolean {
  if (read('/proc/net/if_inet6') === undefined) return false;
  return read('/proc/sys/net/ipv6/conf/lo/disable_ipv6')?.trim() !== '1';
}
