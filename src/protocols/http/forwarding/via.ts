// The Via field (RFC 9110, 7.6.3): received ones kept or dropped, and our own added.

import { z } from 'zod';
import { drop } from '../../../proxy/policy-action.ts';
import { isToken } from '../heads/byte-text.ts';
import type { HeaderRules, ViaLines } from '../rules/field-policy.ts';

/** What becomes of Via: received ones pass or not, and with a pseudonym this proxy adds its own. */
export type ViaOption =
  | 'keep'
  | 'drop'
  | {
      /** How this proxy is called; no two on one way may have the same, or requests are taken for loops. */
      readonly pseudonym: string;
      /** What becomes of fields that come. Default: keep. */
      readonly received?: 'keep' | 'drop' | undefined;
    };

// Each proxy on the way adds one, to a line that the next one may not take when it is long.
const MAX_PSEUDONYM = 64;

/** The schema of `via`. */
export const viaSchema = z.union(
  [
    z.enum(['keep', 'drop']),
    z.strictObject({
      pseudonym: z
        .string({ error: 'give a name for this proxy, such as zorp-1' })
        .max(MAX_PSEUDONYM, { error: `give at most ${MAX_PSEUDONYM} characters` })
        .refine(isToken, { error: 'give a name without blanks, such as zorp-1' }),
      received: z.enum(['keep', 'drop'], { error: "give 'keep' or 'drop'" }).optional(),
    }),
  ],
  { error: "give 'keep', 'drop' or { pseudonym: 'zorp-1' }" },
);

/** The lines that are added; undefined if none are. */
export function viaLinesOf(option: ViaOption): ViaLines | undefined {
  if (typeof option === 'string') return undefined;
  const { pseudonym } = option;
  return [`Via: 1.0 ${pseudonym}\r\n`, `Via: 1.1 ${pseudonym}\r\n`];
}

/** Rules for received fields. */
export function viaRules(option: ViaOption): HeaderRules {
  const received = typeof option === 'string' ? option : option.received;
  return received === 'drop' ? { Via: drop() } : {};
}
