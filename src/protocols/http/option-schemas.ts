// Schemas that the options of httpProxy() have in common.

import { z } from 'zod';
import { isToken } from './heads/byte-text.ts';
import { MAX_METHOD_LENGTH } from './heads/request-line.ts';

/** Yes or no. */
export const yesOrNo: z.ZodBoolean = z.boolean({ error: 'give true or false' });

/** A whole number; `max` may be the greatest that a number holds exactly. */
export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodInt {
  const isUnbounded = max === Number.MAX_SAFE_INTEGER;
  const error = `give a whole number of ${isUnbounded ? `at least ${min}` : `${min} to ${max}`}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A key of a table by method, or `*` for all others; `example` is a method, for people. */
export function methodOrStar(example: string): z.ZodString {
  return z
    .string()
    .refine((name) => name === '*' || isToken(name), {
      error: `write a method as it is sent, such as ${example}, or *`,
    })
    .max(MAX_METHOD_LENGTH, {
      error: `remove it: a method has at most ${MAX_METHOD_LENGTH} characters`,
    });
}
