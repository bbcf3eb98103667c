import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FAMILIES, ofFamily } from './filter-parts.ts';

it('both families can be asked for', () => {
  const rights = FAMILIES.map(
    (family) => (ofFamily(family) as { match: { right: string } }).match.right,
  );
  assert.deepEqual(rights, ['ipv4', 'ipv6']);
});
