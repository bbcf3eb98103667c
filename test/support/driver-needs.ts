// The C library for tests of the driver. Where it does not load they are skipped, and the reason says how to get it.
import { loadLibc } from '../../src/io/libc.ts';
import type { Libc } from '../../src/io/libc.ts';

/** Options for tests that need the driver; with ZORP_TEST_NO_SKIP=1 a missing one is an error. */
export function needsDriver(): { skip?: string } {
  const { missing } = loadLibc();
  if (missing === undefined) return {};
  if (process.env['ZORP_TEST_NO_SKIP'] === '1') throw new Error(`Cannot run a test: ${missing}`);
  return { skip: missing };
}

/** The C library, in a test that has said that it needs it. */
export function testLibc(): Libc {
  const { libc, missing } = loadLibc();
  if (libc === undefined) throw new Error(missing);
  return libc;
}
