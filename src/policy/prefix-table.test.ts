// The index of long lists, against plain comparison of texts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KindsAt } from './prefix-table.ts';
import { PrefixTable } from './prefix-table.ts';

const EVERYWHERE: KindsAt = () => 1;

function table(side: 'start' | 'end', ...members: string[]): PrefixTable {
  const made = new PrefixTable(side);
  for (const [index, member] of members.entries()) made.add(member, index, 1);
  return made.indexAtOnce();
}

describe('PrefixTable', () => {
  it('finds the longest member that a text begins with, or ends with', () => {
    const starts = table('start', 'a', 'ab', 'abc', 'x');
    assert.deepEqual(starts.find('abd', EVERYWHERE), { value: 1, length: 2 });
    assert.deepEqual(starts.find('abc', EVERYWHERE), { value: 2, length: 3 });
    assert.equal(starts.find('ba', EVERYWHERE), undefined);
    const ends = table('end', 'a', 'ab', 'abc', 'x');
    assert.deepEqual(ends.find('zab', EVERYWHERE), { value: 1, length: 2 });
    assert.equal(ends.find('abz', EVERYWHERE), undefined);
  });

  it('asks where a member may end, and which kinds of members may', () => {
    const made = new PrefixTable('start');
    made.add('ab', 7, 2);
    made.add('a', 8, 1);
    made.indexAtOnce();
    assert.deepEqual(made.find('abc', (_, length) => (length === 2 ? 2 : 0))?.value, 7);
    assert.deepEqual(
      made.find('abc', (_, length) => (length === 2 ? 1 : 0)),
      undefined,
    );
    assert.deepEqual(made.find('abc', (_, length) => (length === 1 ? 3 : 0))?.value, 8);
  });

  it('takes a member twice as one of both kinds, with the value that came first', () => {
    const made = new PrefixTable('start');
    made.add('a', 7, 1);
    made.add('a', 8, 2);
    made.indexAtOnce();
    for (const kinds of [1, 2]) assert.equal(made.find('a', () => kinds)?.value, 7);
  });

  it('answers only when it is complete, and takes nothing more then', () => {
    const made = new PrefixTable('start');
    assert.throws(() => made.find('a', EVERYWHERE), /not complete/);
    assert.equal(made.indexAtOnce().find('a', EVERYWHERE), undefined);
    assert.throws(() => made.add('a', 1, 1), /is complete/);
  });

  it('grows, and is indexed in steps', () => {
    const made = new PrefixTable('end');
    const count = 100_000;
    for (let index = 0; index < count; index++) made.add(`host-${index}.example`, index, 1);
    assert.equal([...made.index()].length, count / 20_000);
    assert.equal(made.size, count);
    assert.ok(made.byteLength < count * 48, `${made.byteLength} bytes`);
    for (let index = 0; index < count; index += 997)
      assert.equal(made.find(`host-${index}.example`, EVERYWHERE)?.value, index);
    assert.equal(made.find('host-100000.example', EVERYWHERE), undefined);
  });

  it('finds what comparison finds', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom('start', 'end'), fc.array(text), text, (side, all, asked) => {
        const members = all.filter((one) => one !== '');
        const has = (one: string): boolean =>
          side === 'start' ? asked.startsWith(one) : asked.endsWith(one);
        const lengths = members.filter(has).map(({ length }) => length);
        const found = table(side, ...members).find(asked, EVERYWHERE);
        assert.equal(found?.length, lengths.length === 0 ? undefined : Math.max(...lengths));
        if (found !== undefined) assert.ok(has(members[found.value] ?? '?'));
      }),
    );
  });
});
