// What the settings of a proxy take for a child that it may stack.

import { z } from 'zod';
import type { Stackable } from './engine.ts';

/** A service or a program. That its function made it, and not a copy, is for the policy to check: it knows all of them. */
export const stackableSchema = z.custom<Stackable>(isStackable, {
  error: 'give a service made by service(), or a program made by program()',
});

/** Whether a value looks like something that can be stacked. */
export function isStackable(value: unknown): value is Stackable {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('name' in value))
    return false;
  return value.kind === 'program' || (value.kind === 'service' && 'proxy' in value);
}
