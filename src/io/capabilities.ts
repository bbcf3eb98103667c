// What this process may do of what only root may: capabilities(7). Each thread has its own; those of the first thread
// count, since that is the one that opens sockets and starts programs.

import { readFileSync } from 'node:fs';
import { allocateGuarded } from './guarded-memory.ts';
import { errorName } from './libc.ts';
import type { Libc } from './libc.ts';

/** The capabilities that Zorp has a use for: their bits, as linux/capability.h has them. */
export const CAPABILITIES = {
  setgid: 6,
  setuid: 7,
  setpcap: 8,
  net_bind_service: 10,
  net_admin: 12,
} as const;

/** The name of a capability, without its `CAP_`. */
export type Capability = keyof typeof CAPABILITIES;

/** Sets of capabilities: of a thread, as masks. */
export interface CapabilitySets {
  readonly effective: bigint;
  readonly permitted: bigint;
  /** What programs that it starts get. */
  readonly ambient: bigint;
  readonly inheritable: bigint;
}

/** The capabilities of the first thread. Throws an Error where there is no /proc. */
export function readCapabilities(
  status = readFileSync('/proc/self/status', 'utf8'),
): CapabilitySets {
  const mask = (name: string): bigint => {
    const [, digits] = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status) ?? [];
    if (digits === undefined) throw new Error(`/proc/self/status does not tell ${name}`);
    return BigInt(`0x${digits}`);
  };
  return {
    effective: mask('CapEff'),
    permitted: mask('CapPrm'),
    ambient: mask('CapAmb'),
    inheritable: mask('CapInh'),
  };
}

/** Whether a set has a capability. */
export function hasCapability(set: bigint, capability: Capability): boolean {
  return ((set >> BigInt(CAPABILITIES[capability])) & 1n) === 1n;
}

// capset(2): version 3, with 64 bits in two structures of 32 bits for each set.
const VERSION_3 = 0x20080522;
const SELF = 0;
const HEADER_BYTES = 8;
const HALF_BITS = 32n;
const HALF_MASK = 0xffff_ffffn;

/**
 * Keeps programs that this process starts from getting its capabilities. What is not inheritable the kernel takes out of
 * the ambient set, too. Throws an Error when the kernel refuses.
 */
export function keepFromPrograms(libc: Libc, { effective, permitted }: CapabilitySets): void {
  const memory = allocateGuarded(libc, 1);
  const words = [VERSION_3, SELF];
  for (const shift of [0n, HALF_BITS])
    for (const set of [effective, permitted, 0n]) words.push(Number((set >> shift) & HALF_MASK));
  memory.words.set(words);
  if (libc.capset(memory.address, memory.address + HEADER_BYTES) === 0) return;
  throw new Error(
    `Cannot keep the capabilities of this process from programs: the system says ${errorName(libc.errno())}`,
  );
}
