// Waiting for what another process does: a condition with a deadline, never a fixed sleep.
import { setTimeout as pause } from 'node:timers/promises';

// A busy machine may take ten times as long as a quiet one, on which nothing here takes a second or two; only a failure
// waits to the end.
const DEADLINE_MS = 30_000;
const POLL_MS = 10;

/** Waits until a value is there. @throws an error that says what did not come, and what was seen instead. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | Promise<Value | undefined>,
  options: { readonly deadlineMs?: number; readonly seen?: () => string } = {},
): Promise<Exclude<Value, false>> {
  const { deadlineMs = DEADLINE_MS, seen } = options;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value as Exclude<Value, false>;
    if (performance.now() > deadline) {
      const instead = seen === undefined ? '' : `; instead:\n${seen()}`;
      throw new Error(`Waited ${deadlineMs} ms in vain: ${what}${instead}`);
    }
    await pause(POLL_MS);
  }
}
