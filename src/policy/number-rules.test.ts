import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declare } from '../proxy/policy-fault.ts';
import { ruleOf } from '../../test/support/rule-samples.ts';
import { numberRules } from './number-rules.ts';
import { PolicyFaults } from './policy-faults.ts';

function collector(): PolicyFaults {
  return new PolicyFaults(declare({}, collector));
}

describe('numberRules()', () => {
  it('counts from 1, and skips ids that other rules have, wherever these stand', () => {
    const rules = [ruleOf(), ruleOf({ id: 2 }), ruleOf(), ruleOf({ id: 9 }), ruleOf({ id: 1 })];
    const faults = collector();
    const numbered = numberRules(rules, faults);
    assert.deepEqual(
      numbered.map(({ id, rule }) => [id, rules.indexOf(rule)]),
      [
        [1, 4],
        [2, 1],
        [3, 0],
        [4, 2],
        [9, 3],
      ],
    );
    assert.deepEqual(faults.found, []);
    assert.ok(Object.isFrozen(numbered) && Object.isFrozen(numbered[0]));
  });

  it('finds a fault in the second rule with an id, and says where the first one is', () => {
    const faults = collector();
    const first = ruleOf({ id: 5 });
    const numbered = numberRules([first, ruleOf({ id: 5 })], faults);
    assert.deepEqual(numbered, [{ id: 5, rule: first }]);
    const [fault] = faults.found;
    assert.deepEqual([fault?.subject, fault?.path, fault?.value], ['rule 5', 'id', '5']);
    assert.match(fault?.cure ?? '', /choose another: the rule at .*rule-samples\.ts:\d+ has it/);
    assert.equal(faults.found.length, 1);
  });

  it('has nothing to number in a policy without rules', () => {
    assert.deepEqual(numberRules([], collector()), []);
  });
});
