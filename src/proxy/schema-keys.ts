// The options that a schema has at a place in it, however deep, and the places of an option: what a wrong one is compared with.

import type { z } from 'zod';

/** The names of the options at a path, all of them where several kinds of objects may stand there; empty where none may. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let places: readonly z.core.$ZodType[] = alternatives(schema);
  for (const key of path)
    places = places.flatMap((place) => membersOf(place, key)).flatMap(alternatives);
  return [...new Set(places.flatMap((place) => Object.keys(shapeOf(place))))];
}

/**
 * Where in a schema an option of this name is: empty for the options themselves, or the way to an object within, such as
 * `authentication.form`. Objects in tables are left out: their names are not those of the vocabulary.
 */
export function placesOf(schema: z.core.$ZodType, name: string): readonly string[] {
  const found = alternatives(schema).flatMap((place) => {
    const shape = shapeOf(place);
    const within = Object.entries(shape).flatMap(([key, member]) =>
      placesOf(member, name).map((way) => (way === '' ? key : `${key}.${way}`)),
    );
    return Object.hasOwn(shape, name) ? ['', ...within] : [...within, ...inMembers(place, name)];
  });
  return [...new Set(found)];
}

/** The places in the members of a list. */
function inMembers(schema: z.core.$ZodType, name: string): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === 'array' ? placesOf(def.element, name) : [];
}

/** The schemas that say what may be given: without the defaults and transformations around them. */
function alternatives(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod; // the union of all kinds that zod has
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return alternatives(def.innerType);
    case 'pipe':
      return alternatives(def.in);
    case 'union':
      return def.options.flatMap(alternatives);
    default:
      return [schema];
  }
}

function membersOf(schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'array') return [def.element];
  if (def.type === 'record') return [def.valueType];
  const member = Object.entries(shapeOf(schema)).find(([name]) => name === key);
  return member === undefined ? [] : [member[1]];
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === 'object' ? def.shape : {};
}
