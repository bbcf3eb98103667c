import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  chainOf,
  forward,
  no,
  plug,
  policyWith,
  rulesOf,
} from '../../test/support/packet-filter-policy.ts';
import { listener } from '../policy/listener.ts';
import { rule } from '../policy/rule.ts';
import { ruleListener } from '../policy/rule-listener.ts';
import { generateRuleset } from './generate-ruleset.ts';

const rules = [
  rule({ id: 5, ports: 80, service: plug }),
  rule({ id: 6, ports: '1-99', service: forward }),
  rule({ id: 7, service: no }),
];

function targetsOf(lines: readonly unknown[]): readonly unknown[] {
  return (lines as { goto?: { target: string } }[][]).map((expr) => expr.at(-1)?.goto?.target);
}

describe('generateRuleset()', () => {
  it('makes one table, and nothing outside it', () => {
    const { commands, forwards } = generateRuleset(
      policyWith({ rules, packetFilter: { table: 'edge' } }),
    );
    assert.deepEqual(commands[0], { add: { table: { family: 'inet', name: 'edge' } } });
    for (const command of commands.slice(1)) {
      const [object] = Object.values(command['add'] as Record<string, { table: string }>);
      assert.equal(object?.table, 'edge');
    }
    assert.equal(forwards, true);
  });

  it('asks the best rules first, and each leads to what it starts', () => {
    assert.deepEqual(targetsOf(chainOf({ rules }, 'rules_ipv4')), ['rule_5', 'rule_6', 'rule_7']);
    const chains = ['rule_5', 'rule_6', 'rule_7'].map((chain) =>
      targetsOf(chainOf({ rules }, chain)),
    );
    assert.deepEqual(chains, [['bring_to_rules'], ['take_forward'], ['deny_no']]);
  });

  it('counts rules, and services where rules give them something', () => {
    const [line = []] = chainOf({ rules }, 'rule_7') as { counter?: string }[][];
    assert.deepEqual(
      line.flatMap(({ counter }) => counter ?? []),
      ['rule_7', 'service_no'],
    );
  });

  it('leaves the rules to a listener that asks them at an address of its own', () => {
    const asking = policyWith({ rules: rules.slice(2), listeners: [ruleListener('192.0.2.1:80')] });
    const ruleset = generateRuleset(asking);
    assert.equal(ruleset.forwards, false);
    assert.deepEqual(rulesOf(ruleset, 'rules_ipv4'), []);
    assert.equal(rulesOf(ruleset, 'dispatch').length, 3); // two kinds of mapped addresses, and the listener
  });

  it('is the same for the same policy', () => {
    const policy = policyWith({ rules, listeners: [listener('192.0.2.1:80', plug)] });
    assert.deepEqual(generateRuleset(policy), generateRuleset(policy));
  });
});
