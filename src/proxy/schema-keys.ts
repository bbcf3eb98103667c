// The options that a schema has at a place in it, however deep: what a misspelt one is compared with.

import type { z } from 'zod';

/** The names of the options at a path, all of them where several kinds of objects may stand there; empty where none may. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let places: readonly z.core.$ZodType[] = alternatives(schema);
  for (const key of path)
    places = places.flatMap((place) => membersOf(place, key)).flatMap(alternatives);
  return [...new Set(places.flatMap((place) => Object.keys(shapeOf(place))))];
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
