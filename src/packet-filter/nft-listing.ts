// What `nft -j list` prints, checked before anything believes it (libnftables-json(5)).

import { z } from 'zod';
import { PacketFilterError } from './packet-filter-error.ts';

const tableSchema = z.looseObject({ family: z.string(), name: z.string(), handle: z.int() });
const named = { family: z.string(), table: z.string(), name: z.string() };
const counterSchema = z.looseObject({ ...named, packets: z.int(), bytes: z.int() });
const typeSchema = z.union([z.string(), z.array(z.string())]);
const setSchema = z.looseObject({
  ...named,
  type: typeSchema,
  elem: z.array(z.unknown()).optional(),
});
const chainSchema = z.looseObject({ ...named });
const ruleSchema = z.looseObject({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  comment: z.string().optional(),
  expr: z.array(z.unknown()),
});

const listingSchema = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });

/** A table as the kernel has it. */
export type TableFacts = z.infer<typeof tableSchema>;
/** A named counter. */
export type CounterFacts = z.infer<typeof counterSchema>;
/** A set or map with its elements. */
export type SetFacts = z.infer<typeof setSchema>;
/** A chain. */
export type ChainFacts = z.infer<typeof chainSchema>;
/** A rule of a chain. */
export type RuleFacts = z.infer<typeof ruleSchema>;

/** What a listing has, by kind, in its order. */
export interface Listing {
  readonly tables: readonly TableFacts[];
  readonly counters: readonly CounterFacts[];
  readonly sets: readonly SetFacts[];
  readonly chains: readonly ChainFacts[];
  readonly rules: readonly RuleFacts[];
  /** Everything, as it was printed. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}

/** Reads a listing. @throws PacketFilterError for what is none. */
export function parseListing(text: string): Listing {
  const parsed = listingSchema.safeParse(parseJson(text));
  if (!parsed.success) throw unreadable(parsed.error);
  const objects: readonly Readonly<Record<string, unknown>>[] = parsed.data.nftables;
  return {
    tables: ofKind(objects, 'table', tableSchema),
    counters: ofKind(objects, 'counter', counterSchema),
    sets: [...ofKind(objects, 'set', setSchema), ...ofKind(objects, 'map', setSchema)],
    chains: ofKind(objects, 'chain', chainSchema),
    rules: ofKind(objects, 'rule', ruleSchema),
    objects,
  };
}

function ofKind<Schema extends z.ZodType>(
  objects: readonly Readonly<Record<string, unknown>>[],
  kind: string,
  schema: Schema,
): z.infer<Schema>[] {
  return objects.flatMap((object) => {
    const value = object[kind];
    if (value === undefined) return [];
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw unreadable(parsed.error);
    return [parsed.data];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(cause: unknown): PacketFilterError {
  const message =
    'The program nft printed something that is no listing: install a newer package nftables';
  return new PacketFilterError('nft.unreadable', message, { cause });
}
