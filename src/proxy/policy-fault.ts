// Faults of a policy. The functions of the policy vocabulary never throw: they make an object and remember what is wrong
// with it, so that definePolicy can report every fault at once, each with the line that made the object.

import type { z } from 'zod';
import { rememberSource } from './source-location.ts';

/** One thing that is wrong in a policy: which field, the value as text, and what to write instead. */
export interface Fault {
  /** Such as `subnets[1]`; empty for the object as a whole. */
  readonly path: string;
  readonly value: string;
  readonly cure: string;
}

const faultsByObject = new WeakMap<object, readonly Fault[]>();

/** What is wrong with an object of a policy. */
export function faultsOf(object: object): readonly Fault[] {
  return faultsByObject.get(object) ?? [];
}

/**
 * Finishes an object of a policy: it is frozen, and remembers its faults and the line that called `factory`.
 * @example return declare({ name: 'plug', create }, plugProxy, faults);
 */
export function declare<Thing extends object>(
  thing: Thing,
  factory: (...parameters: never[]) => unknown,
  faults: readonly Fault[] = [],
): Readonly<Thing> {
  rememberSource(thing, factory);
  if (faults.length > 0) faultsByObject.set(thing, faults);
  return Object.freeze(thing);
}

/** Settings as their schema made them, and what was wrong with those given. */
export interface CheckedSettings<Settings> {
  readonly settings: Settings;
  readonly faults: readonly Fault[];
}

/**
 * Checks settings against their schema. If they are faulty the settings are those of `fallback`, which must be right;
 * they are never used, because the policy does not load. The `error` texts of a schema are the cures.
 */
export function checkSettings<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  fallback: z.input<Schema>,
): CheckedSettings<z.output<Schema>> {
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return { settings: result.data, faults: [] };
  const faults = result.error.issues.flatMap((issue) => faultsFrom(issue, schema));
  return { settings: schema.parse(fallback), faults };
}

function faultsFrom(issue: z.core.$ZodIssue, schema: z.ZodType): Fault[] {
  const path = issue.path.map(showKey).join('').replace(/^\./, '');
  if (issue.code !== 'unrecognized_keys')
    return [{ path, value: showValue(issue.input), cure: issue.message }];
  const known = issue.path.length === 0 ? knownKeys(schema) : '';
  return issue.keys.map((key) => ({
    path: path === '' ? key : `${path}.${key}`,
    value: JSON.stringify(key),
    cure: `remove it: there is no such option${known}`,
  }));
}

function knownKeys(schema: z.ZodType): string {
  const shape: unknown = 'shape' in schema ? schema.shape : undefined;
  if (typeof shape !== 'object' || shape === null) return '';
  return `; there are ${Object.keys(shape).join(', ')}`;
}

function showKey(key: PropertyKey): string {
  return typeof key === 'number' ? `[${String(key)}]` : `.${String(key)}`;
}

/** A short text of any value, for messages. Never throws. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'function') return `function ${value.name}`;
  if (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string'
  )
    return JSON.stringify(value.name);
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80);
  } catch {
    return 'something that cannot be shown';
  }
}
