// What the settings of a proxy take for a child that it may stack, or for one that refuses.

import { z } from 'zod';
import type { Stackable, StackChoice } from './engine.ts';

/** A service or a program. That its function made it, and not a copy, is for the policy to check: it knows all of them. */
export const stackableSchema = z.custom<Stackable>(isStackable, {
  error: 'give a service made by service(), or a program made by program()',
});

/** The same, or a service that refuses: for contents that are told apart. */
export const stackChoiceSchema = z.custom<StackChoice>(
  (value) => isStackable(value) || isRefusal(value),
  {
    error: 'give a service made by service() or denyService(), or a program made by program()',
  },
);

/** Whether a value looks like something that can be stacked. */
export function isStackable(value: unknown): value is Stackable {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('name' in value))
    return false;
  return value.kind === 'program' || (value.kind === 'service' && 'proxy' in value);
}

function isRefusal(value: unknown): boolean {
  const isNamed = typeof value === 'object' && value !== null && 'kind' in value && 'name' in value;
  return isNamed && value.kind === 'deny-service';
}
