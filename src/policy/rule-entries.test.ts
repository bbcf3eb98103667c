import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ruleOf, zoneOf } from '../../test/support/rule-samples.ts';
import { KeyTable } from './key-table.ts';
import type { RuleOptions } from './rule.ts';
import { atomsOf, entriesOf } from './rule-entries.ts';
import { makeLevels } from './rule-levels.ts';

/** The entries of a rule, without the levels on which none of them asks for anything. */
function entries(options: RuleOptions, most = 1000): readonly string[] {
  const levels = makeLevels();
  const tables = levels.map(() => new KeyTable());
  const found = entriesOf(ruleOf(options), levels, tables, most);
  const used = levels.map((_, level) => found.some((entry) => entry[level] !== 0));
  return found.map((entry) => entry.filter((_, level) => used[level]).join(' '));
}

describe('entriesOf()', () => {
  it('is one entry that asks for nothing if a rule has no conditions', () => {
    assert.deepEqual(entries({}), ['']);
  });

  it('is every combination of the alternatives', () => {
    const two = { protocols: ['tcp', 'udp'], ports: [80, 81] } as const;
    assert.deepEqual(entries(two), ['1 1', '1 2', '2 1', '2 2']);
  });

  it('asks for one of a group at least: zone, subnet, or both', () => {
    const [a, b] = [zoneOf('a'), zoneOf('b')];
    assert.deepEqual(entries({ from: [a, b], sourceSubnets: '10.0.0.0/8' }), [
      ...['0 1', '0 2', '1 0', '1 1', '1 2'],
    ]);
  });

  it('takes the set as one key where there would be too many, the widest first', () => {
    const ports = Array.from({ length: 100 }, (_, index) => 2 * index + 1);
    const interfaces = Array.from({ length: 30 }, (_, index) => `ppp${index}`);
    assert.equal(entries({ ports, interfaces }, 3000).length, 3000);
    assert.equal(entries({ ports, interfaces }, 2999).length, 30);
    assert.deepEqual(entries({ ports, interfaces }, 29), ['1 1']);
  });

  it('has as many entries as it must, whatever the bound', () => {
    const options = { interfaces: ['a', 'b'], interfaceGroups: 1, requestIds: 1 };
    assert.equal(entries(options, 1).length, 7);
  });
});

describe('atomsOf()', () => {
  it('is the entries with the atoms of the conditions, counted from 1', () => {
    const levels = makeLevels();
    levels.map(({ condition }) => condition.atomsOf(ruleOf({ protocols: 'udp', ports: 53 })));
    const found = atomsOf(ruleOf({ protocols: ['tcp', 'udp'], ports: 80 }), levels, 2);
    assert.deepEqual(
      found?.map((entry) => entry.filter((atom) => atom > 0)),
      [
        [2, 3],
        [1, 3],
      ],
    );
  });

  it('is nothing where there are too many', () => {
    assert.equal(atomsOf(ruleOf({ protocols: ['tcp', 'udp'] }), makeLevels(), 1), undefined);
  });
});
