import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packetOf, ruleOf } from '../../test/support/rule-samples.ts';
import type { RuleOptions } from './rule.ts';
import { RuleIndex } from './rule-index.ts';

function indexOf(rules: Readonly<Record<number, RuleOptions>>): RuleIndex {
  return new RuleIndex(
    Object.entries(rules)
      .map(([id, options]) => ({ id: Number(id), rule: ruleOf(options) }))
      .reverse(),
  );
}

// That it finds the right rule is the law of test/laws/rule-index.test.ts.
describe('RuleIndex', () => {
  it('tells of the rule that wins, its score, and the rule that it ties with', () => {
    const index = indexOf({ 3: { ports: 80 }, 5: { ports: 80 }, 7: { ports: 80 }, 9: {} });
    const match = index.best(packetOf());
    assert.deepEqual([match?.id, match?.tiedWith, match?.score], [3, 5, 2 * 2 ** 42]);
    assert.equal(String(match?.rule.ports), '80');
    const other = index.best(packetOf({ local: '192.0.2.1:81' }));
    assert.deepEqual([other?.id, other?.tiedWith, other?.score], [9, undefined, 0]);
  });

  it('does not take a rule for a tie with itself', () => {
    const index = indexOf({ 1: { ports: ['1-100', '50-200'] } });
    assert.equal(index.best(packetOf())?.tiedWith, undefined);
  });

  it('has nothing where no rule matches, and nothing of an earlier packet', () => {
    const index = indexOf({ 1: { ports: 80 } });
    assert.equal(index.best(packetOf())?.id, 1);
    assert.equal(index.best(packetOf({ local: '192.0.2.1:81' })), undefined);
    assert.equal(new RuleIndex([]).best(packetOf()), undefined);
  });

  it('lists all that match, the winner first, each with the lowest id that it ties with', () => {
    const index = indexOf({
      2: {},
      3: { ports: 80 },
      5: { ports: 80 },
      7: { ports: 80 },
      8: { ports: 1 },
    });
    const list = index.candidates(packetOf()).map(({ id, tiedWith }) => [id, tiedWith]);
    assert.deepEqual(list, [
      [3, 5],
      [5, 3],
      [7, 3],
      [2, undefined],
    ]);
  });

  it('finds rules with hundreds of alternatives in several conditions', () => {
    const interfaces = Array.from({ length: 300 }, (_, index) => `ppp${index}`);
    const ports = Array.from({ length: 300 }, (_, index) => index + 1);
    const subnets = Array.from(
      { length: 300 },
      (_, index) => `10.${index >> 8}.${index & 255}.0/24`,
    );
    const index = indexOf({ 1: { interfaces, ports, sourceSubnets: subnets }, 2: {} });
    const incoming = { name: 'ppp299', group: 0, addresses: [] };
    assert.equal(
      index.best(packetOf({ incoming, client: '10.1.43.9:5', local: '192.0.2.1:300' }))?.id,
      1,
    );
    assert.equal(index.best(packetOf({ client: '10.1.43.9:5', local: '192.0.2.1:300' }))?.id, 2);
  });
});
