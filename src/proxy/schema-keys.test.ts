import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { keysAt, placesOf } from './schema-keys.ts';

const line = z.strictObject({ from: z.string(), until: z.string() });

const schema = z
  .strictObject({
    plain: line,
    deep: z.strictObject({ deeper: line.readonly().optional() }).default({}),
    list: z.array(line).readonly(),
    table: z.record(z.string(), line).optional(),
    either: z.union([z.literal('off'), line, z.strictObject({ port: z.int() })]),
    made: line.refine(() => true).transform(({ from }) => from),
    text: z.string(),
  })
  .refine(() => true);

describe('keysAt()', () => {
  it('finds the options of the whole', () => {
    const names = ['plain', 'deep', 'list', 'table', 'either', 'made', 'text'];
    assert.deepEqual(keysAt(schema, []), names);
  });

  it('finds those of objects within, and in lists and tables', () => {
    const paths = [['plain'], ['deep', 'deeper'], ['list', 2], ['table', 'x'], ['made']];
    for (const path of paths) assert.deepEqual(keysAt(schema, path), ['from', 'until']);
    assert.deepEqual(keysAt(schema, ['deep']), ['deeper']);
  });

  it('finds those of all alternatives', () => {
    assert.deepEqual(keysAt(schema, ['either']), ['from', 'until', 'port']);
  });

  it('finds none where no object may be', () => {
    for (const path of [['text'], ['text', 'x'], ['nowhere'], ['toString']])
      assert.deepEqual(keysAt(schema, path), []);
  });
});

describe('placesOf()', () => {
  it('finds an option itself, and those within others and in lists, but not in tables', () => {
    assert.deepEqual(placesOf(schema, 'plain'), ['']);
    assert.deepEqual(placesOf(schema, 'deeper'), ['deep']);
    const places = ['plain', 'deep.deeper', 'list', 'either', 'made'];
    assert.deepEqual(placesOf(schema, 'from'), places);
    assert.deepEqual(placesOf(schema, 'port'), ['either']);
  });

  it('finds none where there is none', () => {
    for (const name of ['nowhere', 'toString', '']) assert.deepEqual(placesOf(schema, name), []);
  });
});
