// The schema of times that a policy gives.

import { z } from 'zod';

/** The longest time that a timer of the platform can run, in milliseconds: 24.8 days. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The schema of a time in milliseconds, at least 1. */
export const milliseconds: z.ZodInt = z
  .int({ error: 'give a whole number of milliseconds' })
  .min(1, { error: 'give at least 1 millisecond' })
  .max(MAX_TIMER_MS, { error: `give at most ${MAX_TIMER_MS} milliseconds` });
