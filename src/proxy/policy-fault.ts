// Faults of a policy. The functions of the policy vocabulary never throw: they make an object and remember what is wrong
// with it, so that definePolicy can report every fault at once, each with the line that made the object.

import type { z } from 'zod';
import { cureOfMisplaced } from './option-owners.ts';
import { keysAt } from './schema-keys.ts';
import { actionOf } from './policy-action.ts';
import { similarName } from './similar-name.ts';
import { rememberSource, shareSource } from './source-location.ts';

/** One thing that is wrong in a policy: which field, the value as text, and what to write instead. */
export interface Fault {
  /** Such as `subnets[1]`; empty for the object as a whole. */
  readonly path: string;
  readonly value: string;
  readonly cure: string;
}

/** What is known of an object of a policy beside itself. */
interface Making {
  readonly faults: readonly Fault[];
  /** The function that made it. */
  readonly by: string;
}

const makings = new WeakMap<object, Making>();

/** What is wrong with an object of a policy. */
export function faultsOf(object: object): readonly Fault[] {
  return makings.get(object)?.faults ?? [];
}

/** Whether a function of the policy vocabulary made this very object: a copy or an imitation was checked by nobody. */
export function isDeclared(object: object): boolean {
  return makings.has(object);
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
  makings.set(thing, { faults, by: factory.name });
  return Object.freeze(thing);
}

/** Finishes an object that another one became: it has the place of that one, and its faults. */
export function redeclare<Thing extends object>(thing: Thing, original: object): Readonly<Thing> {
  shareSource(thing, original);
  makings.set(thing, makings.get(original) ?? { faults: [], by: '' });
  return Object.freeze(thing);
}

/** Settings as their schema made them, and what was wrong with those given. */
export interface CheckedSettings<Settings> {
  readonly settings: Settings;
  readonly faults: readonly Fault[];
}

/**
 * Checks settings against their schema. A field that is faulty becomes that of `fallback`, which must be right, so that
 * the others can still be checked against the rest of the policy; nothing is ever run with them, because the policy
 * does not load. The `error` texts of a schema are the cures.
 */
export function checkSettings<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  fallback: z.input<Schema>,
): CheckedSettings<z.output<Schema>> {
  const result = schema.safeParse(given, { reportInput: true });
  if (!result.success) {
    const issues = asWholes(schema, given, result.error.issues);
    const faults = issues.flatMap((issue) => faultsFrom(issue, schema, writtenAt(given, issue)));
    const settings = repair(schema, given, fallback, result.error.issues);
    return { settings, faults: faults.filter(isFirst) };
  }
  if (isPlain(given)) return { settings: result.data, faults: [] };
  const cure = 'write the options as a plain object: options that are inherited are not checked';
  return { settings: result.data, faults: [{ path: '', value: showValue(given), cure }] };
}

/** A value may break several checks that have the same cure: a huge number is no integer, and above the maximum. */
function isFirst({ path, cure }: Fault, index: number, faults: readonly Fault[]): boolean {
  return faults.findIndex((other) => other.path === path && other.cure === cure) === index;
}

/** What the policy wrote where the issue is: a check of several options together sees all of them. */
function writtenAt(given: unknown, { code, path, input }: z.core.$ZodIssue): unknown {
  if (code !== 'custom' && input !== NO_OPTIONS) return input;
  return valuesAlong(given, path)[path.length];
}

/** The values on the way to a path: the whole first, and the one at the path last, if the way leads there. */
function valuesAlong(given: unknown, path: readonly PropertyKey[]): readonly unknown[] {
  const values = [given];
  for (const key of path) {
    const value = values.at(-1);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) break;
    values.push(Reflect.get(value, key));
  }
  return values;
}

/** Stands for a value that is no object of options: no schema takes it. */
const NO_OPTIONS = Symbol('no options');

/**
 * The issues of which none is inside a value that a function of the vocabulary made: a program in the place of a table
 * is one mistake, and not one for each field that programs have.
 */
function asWholes(
  schema: z.ZodType,
  given: unknown,
  issues: readonly z.core.$ZodIssue[],
): readonly z.core.$ZodIssue[] {
  const places = issues.flatMap(unfold).flatMap((issue) => placeOfMade(given, issue) ?? []);
  if (places.length === 0) return issues;
  let told = given;
  for (const { path } of places) told = withoutOptions(told, path);
  return schema.safeParse(told, { reportInput: true }).error?.issues ?? issues;
}

function unfold(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  const inner = insideUnion(issue);
  return inner.length === 0 ? [issue] : inner.flatMap(unfold);
}

/** Where the value is that the vocabulary made and the issue is inside of. */
function placeOfMade(
  given: unknown,
  { code, path }: z.core.$ZodIssue,
): { readonly path: readonly PropertyKey[] } | undefined {
  const outside = code === 'unrecognized_keys' ? path.length + 1 : path.length;
  const depth = valuesAlong(given, path).slice(0, outside).findIndex(isMade);
  return depth < 0 ? undefined : { path: path.slice(0, depth) };
}

function isMade(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isDeclared(value) || typeof actionOf(value) === 'string';
}

function withoutOptions(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return NO_OPTIONS;
  const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  return Object.assign(copy, { [key]: withoutOptions(Reflect.get(value, key), rest) });
}

function isPlain(given: unknown): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === Object.prototype || prototype === null;
}

/** The fallback, with the fields of `given` that no issue is about. */
function repair<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  fallback: z.input<Schema>,
  issues: readonly z.core.$ZodIssue[],
): z.output<Schema> {
  const faulty = new Set<PropertyKey | undefined>(issues.map((issue) => issue.path[0]));
  const names = keysAt(schema, []);
  const right = Object.entries(given ?? {}).filter(
    ([key]) => !faulty.has(key) && names.includes(key),
  );
  const repaired = schema.safeParse({ ...Object(fallback), ...Object.fromEntries(right) });
  return repaired.success ? repaired.data : schema.parse(fallback);
}

function faultsFrom(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): Fault[] {
  const inner = insideUnion(issue);
  if (inner.length > 0) return inner.flatMap((one) => faultsFrom(one, schema, one.input));
  const path = issue.path.map(showKey).join('').replace(/^\./, '');
  if (issue.code === 'unrecognized_keys')
    return curesOfUnknown(issue, schema).map(([key, cure]) => ({
      path: path === '' ? key : `${path}.${key}`,
      value: JSON.stringify(key),
      cure,
    }));
  const cure = cureOfNoObject(issue, schema, value) ?? messageOf(issue);
  return [{ path, value: SECRET.test(path) ? 'not shown' : showValue(value), cure }];
}

/** Where an object of options should be: schemas have no text for that, but for those that say more. */
function cureOfNoObject(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  value: unknown,
): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const known = keysAt(schema, issue.path).join(', ');
  if (known === '') return undefined;
  if (issue.path.length === 0)
    return `give the options as an object: ${optionFor(schema, value) ?? known}`;
  return issue.message.startsWith('Invalid input') ? `give an object: ${known}` : undefined;
}

/** The one option that takes the value that stands in the place of all: `service('web', httpProxy())`. */
function optionFor(schema: z.ZodType, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const others = Object.fromEntries(keysAt(schema, []).map((key) => [key, NO_OPTIONS]));
  const names = Object.keys(others).filter((key) => {
    const { error } = schema.safeParse({ ...others, [key]: value });
    return error?.issues.every(({ path }) => path[0] !== key) === true;
  });
  return names.length === 1 ? `{ ${names[0] ?? ''}: ... }` : undefined;
}

/** What to do with each of the options that there are not. Which ones there are is told once, and only where it helps. */
function curesOfUnknown(
  { keys, path }: z.core.$ZodIssueUnrecognizedKeys,
  schema: z.ZodType,
): readonly (readonly [key: string, cure: string])[] {
  const names = keysAt(schema, path);
  let known = names.length === 0 ? '' : `; there are ${names.join(', ')}`;
  return keys.map((key) => {
    const similar = similarName(key, names);
    const misplaced = cureOfMisplaced(key, schema, path);
    if (similar !== undefined && (misplaced === undefined || isInflected(key, similar)))
      return [key, `write "${similar}": there is no such option`];
    if (misplaced !== undefined) return [key, misplaced];
    const cure = `remove it: there is no such option${known}`;
    known = '';
    return [key, cure];
  });
}

/** Whether two names are one word: what is an option elsewhere is hardly a misspelt one, but for an s at its end. */
function isInflected(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.toLowerCase().startsWith(short.toLowerCase());
}

/** For a key of a table the cure is inside: the issue itself says only that the key is wrong. */
function messageOf(issue: z.core.$ZodIssue): string {
  const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
  return inner?.message ?? issue.message;
}

/**
 * A list of which one member is wrong is told by that member: `subnets[1]`, not the whole of `subnets`; and an object that
 * has a name too many by that name.
 */
function insideUnion(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [];
  const issues =
    issue.errors.find((branch) => branch.some((inner) => inner.path.length > 0)) ??
    issue.errors.find((branch) => branch.some(({ code }) => code === 'unrecognized_keys'));
  return (issues ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function showKey(key: PropertyKey): string {
  return typeof key === 'number' ? `[${String(key)}]` : `.${String(key)}`;
}

/** Options whose values are nobody's business who reads a log: faults of a reload stand there. */
const SECRET = /(?:password|credentials)$/i;
const USER_INFO = /\/\/[^/@\s]*@/g; // of a URL, RFC 3986, 3.2.1

const LONGEST_VALUE = 80; // characters of a value in a message: enough to find it, and still one line

/** A short text of any value, for messages: names of what has one, otherwise JSON. Never throws. */
export function showValue(value: unknown): string {
  try {
    const text = textOf(value);
    return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
  } catch {
    return 'something that cannot be shown';
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'string')
    return JSON.stringify(value.replace(USER_INFO, '//...@').slice(0, LONGEST_VALUE + 1));
  return typeof value === 'object' && value !== null ? textOfObject(value) : String(value);
}

function textOfObject(value: object): string {
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return JSON.stringify(`${value.name}: ${value.message}`);
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if ('name' in value && typeof value.name === 'string') return JSON.stringify(value.name);
  const by = makings.get(value)?.by ?? '';
  if (by !== '') return `${by}(...)`;
  return JSON.stringify(value, (key, member: unknown) => (SECRET.test(key) ? '...' : member));
}
