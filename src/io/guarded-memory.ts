// Memory that the kernel reads and writes on our behalf: allocated once, never moved, with pages on either side that
// nobody may touch. An address or a length that is wrong is a crash, and not a silent corruption.

import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_NONE, PROT_READ, PROT_WRITE } from './linux-constants.ts';
import { errorName } from './libc.ts';
import type { Libc } from './libc.ts';

// The largest page that either architecture is run with; what is smaller divides it.
const GUARD_BYTES = 65_536;

/** Where each piece begins. */
const addresses = new WeakMap<ArrayBufferLike, number>();

/** The address of bytes that lie in such memory; undefined: they do not, and may be moved at any time. */
export function addressOf({ buffer, byteOffset }: Uint8Array): number | undefined {
  const start = addresses.get(buffer);
  return start === undefined ? undefined : start + byteOffset;
}

/** A piece of memory with a fixed address. */
export interface GuardedMemory {
  /** Where it begins, as foreign functions take it. */
  readonly address: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory as signed 32-bit words, in the order of the machine. */
  readonly words: Int32Array<ArrayBuffer>;
  /** The same memory for numbers at any place. */
  readonly view: DataView<ArrayBuffer>;
}

/**
 * Allocates at least so many bytes of zeros, for good: the length is rounded up to a multiple of 64 KiB, so that the
 * guards are right beside it. Physical pages are taken as they are touched. Throws an Error when there is no memory.
 */
export function allocateGuarded(libc: Libc, leastBytes: number): GuardedMemory {
  const byteLength = Math.ceil(leastBytes / GUARD_BYTES) * GUARD_BYTES;
  const whole = GUARD_BYTES + byteLength + GUARD_BYTES;
  const start = libc.mmap(0, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start === -1) throw outOfMemory(libc, byteLength);
  const address = start + GUARD_BYTES;
  if (libc.mprotect(address, byteLength, PROT_READ | PROT_WRITE) === -1) {
    throw outOfMemory(libc, byteLength);
  }
  const buffer = libc.view(address, byteLength);
  addresses.set(buffer, address);
  return {
    address,
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer),
    view: new DataView(buffer),
  };
}

function outOfMemory(libc: Libc, byteLength: number): Error {
  return new Error(
    `Cannot allocate ${byteLength} bytes: the system says ${errorName(libc.errno())}`,
  );
}
