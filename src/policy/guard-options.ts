// What a service says of its destination guard.

import { z } from 'zod';
import type { Lazy } from './fields.ts';
import { functionOf, objectOf } from './fields.ts';
import type { Zone } from './zone.ts';

/** What `destinationGuard` of a service opens. */
export interface DestinationGuard {
  /**
   * The zones whose special addresses the service may reach where the client chooses the server, with the zones below
   * them. A zone is for special addresses if its subnet has no others: 10.0.0.0/8 is, 0.0.0.0/0 is not.
   */
  readonly permit: Lazy<readonly Zone[]>;
}

/** The cure of a guard that is none. */
export const GUARD_CURE = 'give { permit: [zone] } with zones made by zone(), or "off"';

const ON_CURE = 'leave it out: the guard is on wherever clients choose the server';

/** The schema of `destinationGuard`. */
export const guardSchema = z.union(
  [
    z.literal('off'),
    z
      .strictObject({
        permit: z.union(
          [
            z
              .array(objectOf<Zone>(['zone'], GUARD_CURE))
              .min(1, { error: GUARD_CURE })
              .readonly(),
            functionOf<readonly Zone[]>(),
          ],
          { error: GUARD_CURE },
        ),
      })
      .readonly(),
  ],
  { error: ({ input }) => (input === 'on' || input === true ? ON_CURE : GUARD_CURE) },
);

/** What the guard of a service lets through: everything, or the special addresses of these zones and those below. */
export type GuardOpening = 'off' | ReadonlySet<Zone>;

/** What the guard of a service opens, in words; empty where it says nothing. */
export function explainGuard(guard: DestinationGuard | 'off' | undefined): string {
  if (guard === undefined) return '';
  if (guard === 'off') return '; destination guard: off';
  const { permit } = guard;
  if (typeof permit === 'function') return '; destination guard: opened for certain zones';
  return `; destination guard: open for ${permit.map(({ name }) => name).join(', ')}`;
}
