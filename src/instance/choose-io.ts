// What carries the sockets of an instance: the driver where it loads, node:net elsewhere or where that is asked for.

import type { DescriptorBudget } from '../io/descriptor-budget.ts';
import type { LibcReading } from '../io/libc.ts';
import { loadLibc } from '../io/libc.ts';
import { StreamShare } from '../io/stream-share.ts';
import type { Log } from '../log/log.ts';

/** The driver, or a sentence that says why there is none. */
export type ShareReading =
  | { readonly share: StreamShare; readonly missing?: never }
  | { readonly share?: never; readonly missing: string };

/** What the choice depends on. */
export interface IoSurroundings {
  /** The value of ZORP_IO: `driver`, `net`, or undefined for the driver where it loads. */
  readonly wanted: string | undefined;
  readonly budget: DescriptorBudget;
  readonly log: Log;
  readonly load?: () => LibcReading;
}

/**
 * Makes the driver, or says in the log what is missing for it. Throws an Error with the cure for another value of ZORP_IO,
 * and where the driver is asked for but cannot be had.
 */
export function chooseIo({ wanted, budget, log, load = loadLibc }: IoSurroundings): ShareReading {
  if (wanted === 'net') {
    return { missing: 'ZORP_IO=net keeps it from running: leave that out' };
  }
  if (wanted !== undefined && wanted !== 'driver') {
    const value = JSON.stringify(wanted);
    throw new Error(`Cannot use ZORP_IO=${value}: give "driver" or "net", or leave it out`);
  }
  const reading = makeShare(load(), budget);
  if (reading.share !== undefined) return reading;
  const { missing } = reading;
  if (wanted === 'driver') throw new Error(`Cannot use ZORP_IO=driver: ${missing}`);
  log.line('info', 'io.no-driver', 'Sockets are those of node:net, without the driver', {
    missing,
  });
  return reading;
}

function makeShare({ libc, missing }: LibcReading, budget: DescriptorBudget): ShareReading {
  if (libc === undefined) return { missing };
  try {
    return { share: new StreamShare(libc, budget) };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}
