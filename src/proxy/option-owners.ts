// Which function of the vocabulary takes which options, so that a policy with one in the wrong place is told the right one.

import type { z } from 'zod';
import { keysAt, placesOf } from './schema-keys.ts';

/** Functions by the schema of their options. */
const functions = new Map<z.core.$ZodType, string>();

/**
 * Says which function of the vocabulary takes the options of a schema; its file does so when it is loaded.
 * @example registerOptions('service', schema);
 */
export function registerOptions(name: string, schema: z.core.$ZodType): void {
  functions.set(schema, name);
}

/** Every function that is known, with the schema of its options. */
export function registeredOptions(): ReadonlyMap<z.core.$ZodType, string> {
  return functions;
}

/** What administrators call an option that has another name here; a name that some options have still means these. */
const OTHER_NAMES = new Map([
  ['tls', 'encryption'],
  ['ssl', 'encryption'],
]);

/** Means something else in each function that takes it: who gave it in the wrong place meant none of these. */
const ANYWHERE = new Set(['name', 'host', 'port']);

const MOST_OWNERS = 3; // that a message names

/** What to do with an option that there is not at a path of a schema, but elsewhere; undefined if it is unknown everywhere. */
export function cureOfMisplaced(
  key: string,
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
): string | undefined {
  if (ANYWHERE.has(key)) return undefined;
  const other = OTHER_NAMES.get(key);
  if (other !== undefined) {
    if (keysAt(schema, path).includes(other)) return `write "${other}": there is no such option`;
    return cureOfMisplaced(other, schema, path)?.replace(/^it is/, `it is "${other}",`);
  }
  const own = placesOf(schema, key);
  if (own.includes('')) return `move it out of ${path.join('.')}: it is an option beside that`;
  if (own.length > 0) return `move it into ${own.join(' or ')}: { ${key}: ... }`;
  const owners = ownersOf(key);
  if (owners.length === 0) return undefined;
  return `it is an option of ${enumerate(owners)}: move it there`;
}

/** A function that takes an option; `place` is that of the object within its options, if it is not one of these. */
interface Owner {
  readonly name: string;
  readonly place: string;
  /** How many options it has: those with the most are used most. */
  readonly options: number;
}

function ownersOf(key: string): readonly string[] {
  const found = [...functions].flatMap(([schema, name]) =>
    placesOf(schema, key)
      .slice(0, 1)
      .map((place): Owner => ({ name, place, options: keysAt(schema, []).length })),
  );
  return found
    .filter((owner) => !found.some((other) => isVariant(owner, other)))
    .sort((one, other) => other.options - one.options)
    .map(({ name, place }) => (place === '' ? `${name}()` : `${place} in ${name}()`));
}

/** Whether one has the option from the other, as its name says: `zoneListener` from `listener`. */
function isVariant(one: Owner, other: Owner): boolean {
  if (one.name === other.name || one.place !== other.place) return false;
  return one.name.toLowerCase().endsWith(other.name.toLowerCase());
}

function enumerate(owners: readonly string[]): string {
  const named = owners.length > MOST_OWNERS ? [...owners.slice(0, MOST_OWNERS), 'others'] : owners;
  return [named.slice(0, -1).join(', '), named.at(-1)].filter((part) => part !== '').join(' and ');
}
