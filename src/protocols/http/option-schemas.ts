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

/** Tokens may have these characters (RFC 9110, 5.6.2), names in use have none: who writes one means a pattern. */
const OF_PATTERNS = /[*|^]/;

/**
 * Whether a key of a table is a name, or `*`: a rule for `X-*` or `PUT|DELETE` would never apply, and let pass what it is
 * there to stop.
 */
export function isNameOrStar(name: string): boolean {
  return name === '*' || (isToken(name) && !OF_PATTERNS.test(name));
}

/** A key of a table by method, or `*` for all others; `example` is a method, for people. */
export function methodOrStar(example: string): z.ZodString {
  return z
    .string()
    .refine(isNameOrStar, {
      error: `write a method as it is sent, such as ${example}, or *`,
    })
    .max(MAX_METHOD_LENGTH, {
      error: `remove it: a method has at most ${MAX_METHOD_LENGTH} characters`,
    });
}

/** Methods that everybody writes in upper case (RFC 9110, 9; RFC 5789; RFC 4918). */
const USUAL_METHODS = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
  ...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK'],
]);

/**
 * Finds methods of a table that are written in another case than clients send them. Where the usual spelling has a rule,
 * too, the other one is meant: `patch`, as some clients send it, beside `PATCH`.
 */
export function checkMethodCase({ value, issues }: z.core.ParsePayload<object>): void {
  for (const name of Object.keys(value)) {
    const usual = name.toUpperCase();
    if (name === usual || !USUAL_METHODS.has(usual) || Object.hasOwn(value, usual)) continue;
    const message = `write ${usual}: case counts, and a rule for ${name} is for no request that is sent as ${usual}`;
    issues.push({ code: 'custom', path: [name], input: name, message });
  }
}
