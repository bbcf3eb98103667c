// What becomes of a request for another server than that of TLS.

import { z } from 'zod';

/** It is refused, or passes and is recorded, or passes. */
export type ServerNameCheck = 'refuse' | 'warn' | 'off';

/** The schema of the option. */
export const serverNameCheck = z.enum(['refuse', 'warn', 'off'], {
  error: 'give "refuse", "warn" or "off"',
});
