// A rule that is said never to win never does, for random rules and packets; and most that never win are found.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { explainRule } from '../../src/policy/explain-rule.ts';
import { rulesThatNeverWin } from '../../src/policy/rule-cover.ts';
import { RuleIndex } from '../../src/policy/rule-index.ts';
import { scoreOf } from '../../src/policy/rule-score.ts';
import { numberedRules, placedPackets, ZONES_OF_RULES } from '../support/arbitraries-rules.ts';

const RULE_SETS = 200;
const PACKETS = 100;

describe('rulesThatNeverWin()', () => {
  it('names rules that no packet gets, and for each packet that they match one that wins', () => {
    const seen = { dead: 0, matches: 0 };
    const property = fc.property(
      numberedRules(30),
      fc.array(placedPackets, { minLength: PACKETS, maxLength: PACKETS }),
      (rules, packets) => {
        const dead = rulesThatNeverWin(rules, ZONES_OF_RULES);
        const index = new RuleIndex(rules);
        seen.dead += dead.length;
        for (const packet of packets) {
          const winner = index.best(packet);
          for (const { id, rule, coveredBy } of dead) {
            const score = scoreOf(rule, packet);
            if (score === undefined) continue;
            seen.matches++;
            assert.notEqual(winner?.id, id, explainRule(rule));
            const isCovered = coveredBy.some((one) => {
              const better = scoreOf(one.rule, packet);
              return better !== undefined && (better > score || (better === score && one.id < id));
            });
            assert.ok(
              isCovered,
              `${explainRule(rule)} by ${String(coveredBy.map((one) => one.id))}`,
            );
          }
        }
      },
    );
    fc.assert(property, { numRuns: RULE_SETS });
    assert.ok(seen.dead > RULE_SETS, `only ${seen.dead} rules were named`);
    assert.ok(seen.matches > RULE_SETS, `only ${seen.matches} packets matched one of them`);
  });
});
