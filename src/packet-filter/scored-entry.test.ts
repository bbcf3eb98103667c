import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { numberedRules } from '../../test/support/arbitraries-rules.ts';
import { ruleOf } from '../../test/support/rule-samples.ts';
import { WEIGHT } from '../policy/rule-score.ts';
import { entriesOf, inOrder } from './scored-entry.ts';

describe('entriesOf()', () => {
  it('has one for each combination of classes of equal points', () => {
    const rule = ruleOf({
      ports: '80,81,90-99',
      sourceSubnets: ['10.0.0.0/8', '11.0.0.0/8', '10.0.0.1'],
    });
    const entries = entriesOf({ id: 7, rule }) ?? [];
    assert.deepEqual(
      entries.map(({ score }) => score).sort((one, other) => other - one),
      [
        2 * WEIGHT.port + 33 * WEIGHT.fromSubnet,
        2 * WEIGHT.port + 9 * WEIGHT.fromSubnet,
        WEIGHT.port + 33 * WEIGHT.fromSubnet,
        WEIGHT.port + 9 * WEIGHT.fromSubnet,
      ],
    );
    const kinds = new Set(entries.flatMap(({ demands }) => demands.map(({ kind }) => kind)));
    assert.deepEqual(kinds, new Set(['protocols', 'ports', 'sourceSubnets']));
  });

  it('has one that asks for nothing of a rule without conditions, and none where no packet can match', () => {
    assert.deepEqual(entriesOf({ id: 1, rule: ruleOf({}) }), [{ id: 1, score: 0, demands: [] }]);
    const never = ruleOf({ protocols: ['tcp', 'icmp'], ports: 80, icmpTypes: 8 });
    assert.deepEqual(entriesOf({ id: 1, rule: never }), []);
  });

  it('gives up where there are too many', () => {
    const lengths = Array.from({ length: 32 }, (_, index) => `10.0.0.0/${index}`);
    const both = { sourceSubnets: lengths, destinationSubnets: lengths, ports: '1,2-3' };
    assert.equal(entriesOf({ id: 1, rule: ruleOf(both) })?.length, 2048);
    const more = {
      ...both,
      sourcePorts: '1,2-3',
      interfaces: 'a',
      interfaceGroups: 1,
      requestIds: 1,
    };
    assert.equal(entriesOf({ id: 1, rule: ruleOf(more) }), undefined);
  });
});

it('inOrder() has the best first, and of equals the lowest id', () => {
  const property = fc.property(numberedRules(20), (rules) => {
    const sorted = inOrder(rules.flatMap((rule) => entriesOf(rule) ?? []));
    for (const [index, entry] of sorted.entries()) {
      const next = sorted[index + 1];
      if (next === undefined) continue;
      assert.ok(entry.score > next.score || (entry.score === next.score && entry.id <= next.id));
    }
  });
  fc.assert(property, { numRuns: 30 });
});
