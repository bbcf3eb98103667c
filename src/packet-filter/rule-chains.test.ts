import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  forward,
  no,
  office,
  policyWith,
  rulesOf,
} from '../../test/support/packet-filter-policy.ts';
import { rule } from '../policy/rule.ts';
import { generateRuleset } from './generate-ruleset.ts';
import { LEAST_ROW } from './entry-branches.ts';

describe('the chains of the rules', () => {
  const rules = Array.from({ length: LEAST_ROW }, (_, index) =>
    rule({ id: 1 + index, protocols: 'tcp', ports: 100 + 2 * index, service: no }),
  );
  const last = rule({ id: 99, from: office, service: forward });

  it('lead by a map of ports past rules that a packet cannot meet, and on behind it', () => {
    const ruleset = generateRuleset(policyWith({ rules: [...rules, last] }));
    const [map, behind, ...others] = rulesOf(ruleset, 'rules_ipv4');
    assert.deepEqual(others, []);
    const { vmap } = (
      map as unknown as [{ vmap: { key: unknown; data: { set: unknown[][] } } }]
    )[0];
    assert.deepEqual(vmap.key, { payload: { protocol: 'th', field: 'dport' } });
    assert.equal(vmap.data.set.length, LEAST_ROW);
    assert.deepEqual(vmap.data.set[1], [102, { jump: { target: 'rules_ipv4_2' } }]);
    assert.deepEqual(rulesOf(ruleset, 'rules_ipv4_2'), [
      [
        { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 6 } },
        { goto: { target: 'rule_2' } },
      ],
    ]);
    assert.match(JSON.stringify(behind), /@zone4_office.*rule_99/);
  });

  it('are plain lists where few rules are in a row', () => {
    const ruleset = generateRuleset(policyWith({ rules: [...rules.slice(1), last] }));
    assert.equal(rulesOf(ruleset, 'rules_ipv6').length, LEAST_ROW);
    assert.ok(!JSON.stringify(rulesOf(ruleset, 'rules_ipv6')).includes('vmap'));
  });
});
