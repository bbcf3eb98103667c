// Errors of the packet filter, for tests that expect one.
import { PacketFilterError } from '../../src/packet-filter/packet-filter-error.ts';

/** Tells an error of the packet filter with this code from every other one. */
export function isCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof PacketFilterError && error.code === code;
}
