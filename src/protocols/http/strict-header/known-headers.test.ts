import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isToken } from '../heads/byte-text.ts';
import { GRAMMARS } from './field-grammar.ts';
import { knownHeaders } from './known-headers.ts';

describe('the known headers', () => {
  for (const direction of ['request', 'response'] as const)
    it(`of a ${direction} have one grammar each`, () => {
      const known = knownHeaders(direction);
      const names = known.map(([name]) => name);
      assert.ok(names.length > 80, `${names.length}`);
      assert.deepEqual([...new Set(names)], names);
      for (const [name, grammar] of known) {
        assert.ok(isToken(name) && name === name.toLowerCase(), name);
        assert.ok(Object.hasOwn(GRAMMARS, grammar), grammar);
      }
    });

  it('are all that the grammars are for', () => {
    const used = ['request', 'response'] as const;
    const grammars = new Set(used.flatMap((one) => knownHeaders(one).map(([, name]) => name)));
    assert.deepEqual([...grammars].sort(), Object.keys(GRAMMARS).sort());
  });
});
