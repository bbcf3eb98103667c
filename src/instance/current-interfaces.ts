// The interfaces of this machine now, for a command that asks once.

import type { InterfaceTable } from '../address/interface-table.ts';
import { readInterfaces } from '../io/interface-dump.ts';
import { listInterfaces } from '../io/interface-listing.ts';
import { loadLibc } from '../io/libc.ts';
import type { LibcReading } from '../io/libc.ts';

/** Asks the kernel; where it cannot be asked, Node and sysfs say most of it. Never throws. */
export function currentInterfaces({ libc }: LibcReading = loadLibc()): InterfaceTable {
  if (libc === undefined) return listInterfaces();
  try {
    return readInterfaces(libc);
  } catch {
    return listInterfaces(); // such as in a sandbox without netlink
  }
}
