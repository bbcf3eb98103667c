// What this process has open and what it has started, as the kernel tells it (proc(5)).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a descriptor stands for. */
export type DescriptorKind = 'socket' | 'pipe';

/** Whether a descriptor of this process is open and of this kind. */
export function isOpen(descriptor: number | string, kind: DescriptorKind): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(`${kind}:`);
  } catch {
    return false; // also for the one with which the folder itself was read
  }
}

/** How many descriptors of this kind are open. */
export function descriptorsOf(kind: DescriptorKind): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => isOpen(descriptor, kind)).length;
}

/** Processes whose parent is this one, zombies too. */
export function children(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(process.pid);
    } catch {
      return false; // it ended meanwhile
    }
  });
}
