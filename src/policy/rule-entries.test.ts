import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ruleOf, zoneOf } from '../../test/support/rule-samples.ts';
import type { RuleOptions } from './rule.ts';
import { countEntries, entriesOf, wishesOf } from './rule-entries.ts';
import { makeLevels } from './rule-levels.ts';

/** The entries of a rule, without the levels on which none of them asks for anything. */
function entries(options: RuleOptions): readonly string[] {
  const levels = makeLevels();
  const found = entriesOf(wishesOf(ruleOf(options), levels), levels.length);
  const used = levels.map((_, level) => found.some((entry) => entry[level] !== 0));
  return found.map((entry) => entry.filter((_, level) => used[level]).join(' '));
}

describe('entriesOf()', () => {
  it('is one entry that asks for nothing if a rule has no conditions', () => {
    assert.deepEqual(entries({}), ['']);
  });

  it('is every combination of the alternatives', () => {
    const two = { protocols: ['tcp', 'udp'], ports: [80, 81] } as const;
    assert.deepEqual(entries(two), ['1 1', '1 3', '2 1', '2 3']);
  });

  it('asks for one of a group at least: zone, subnet, or both', () => {
    const [a, b] = [zoneOf('a'), zoneOf('b')];
    assert.deepEqual(entries({ from: [a, b], sourceSubnets: '10.0.0.0/8' }), [
      ...['0 1', '0 2', '1 0', '1 1', '1 2'],
    ]);
  });

  it('has an entry for each choice of several in one group', () => {
    assert.equal(entries({ interfaces: ['a', 'b'], interfaceGroups: 1, requestIds: 1 }).length, 11);
  });
});

describe('countEntries()', () => {
  it('is how many entries there would be', () => {
    const levels = makeLevels();
    const cases: readonly RuleOptions[] = [
      {},
      { ports: [80, 81, '90-99'] },
      { interfaces: ['a', 'b'], interfaceGroups: 1, requestIds: 1 },
      { from: [zoneOf('a')], sourceSubnets: ['10.0.0.0/8', '10.1.0.0/16'], protocols: ['tcp', 1] },
    ];
    const wishes = cases.map((options) => wishesOf(ruleOf(options), levels));
    assert.deepEqual(wishes.map(countEntries), [1, 5, 11, 10]);
    for (const ofRule of wishes)
      assert.equal(countEntries(ofRule), entriesOf(ofRule, levels.length).length);
  });
});

describe('wishesOf()', () => {
  it('is what a rule asks for on each level', () => {
    const levels = makeLevels();
    wishesOf(ruleOf({ protocols: 'udp', ports: 53 }), levels);
    const found = wishesOf(ruleOf({ protocols: ['tcp', 'udp'], ports: 80 }), levels);
    assert.deepEqual(
      found.map(({ group, atoms }) => [group, atoms]),
      [
        ['protocol', [1, 0]],
        ['port', [2]],
      ],
    );
    assert.deepEqual(
      found.map(({ level }) => levels[level]?.group),
      ['protocol', 'port'],
    );
  });
});
