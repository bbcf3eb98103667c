// The index of rules against a plain scan of them all: the same rule, score and tie, for 100,000 random packets.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { explainRule } from '../../src/policy/explain-rule.ts';
import type { NumberedRule } from '../../src/policy/number-rules.ts';
import type { Packet } from '../../src/policy/packet.ts';
import { RuleIndex } from '../../src/policy/rule-index.ts';
import { scoreOf, showScore } from '../../src/policy/rule-score.ts';
import { numberedRules, packets } from '../support/arbitraries-rules.ts';

const RULE_SETS = 1000;
const PACKETS = 100;

/** The winner and the one that it ties with, as text. */
type Outcome = readonly [id: number | undefined, score: string, tiedWith: number | undefined];
const NOBODY: Outcome = [undefined, '', undefined];

/** The outcome as plainly as it can be found: every rule is asked. */
function scan(rules: readonly NumberedRule[], packet: Packet): Outcome {
  const matches = rules.flatMap(({ id, rule }) => {
    const score = scoreOf(rule, packet);
    return score === undefined ? [] : [{ id, score }];
  });
  const [first, second] = matches.sort(
    (one, other) => other.score - one.score || one.id - other.id,
  );
  if (first === undefined) return NOBODY;
  const tiedWith = second?.score === first.score ? second.id : undefined;
  return [first.id, showScore(first.score), tiedWith];
}

function look(index: RuleIndex, packet: Packet): Outcome {
  const match = index.best(packet);
  return match === undefined ? NOBODY : [match.id, showScore(match.score), match.tiedWith];
}

describe('RuleIndex', () => {
  it('finds what a scan of all rules finds', () => {
    const seen = { nobody: 0, alone: 0, tied: 0 };
    const property = fc.property(
      numberedRules(40),
      fc.array(packets, { minLength: PACKETS, maxLength: PACKETS }),
      fc.constantFrom(undefined, 1, 5, 1000), // with 1 every rule that has alternatives is a wide one
      (rules, list, most) => {
        const index = new RuleIndex(rules, most);
        for (const packet of list) {
          const expected = scan(rules, packet);
          const found = look(index, packet);
          if (!isDeepStrictEqual(found, expected)) assert.deepEqual(found, expected, textOf(rules));
          seen[kindOf(expected)]++;
        }
      },
    );
    fc.assert(property, { numRuns: RULE_SETS });
    for (const [kind, count] of Object.entries(seen))
      assert.ok(count > (RULE_SETS * PACKETS) / 50, `${kind} came only ${count} times`);
  });

  it('lists all that match, the winner first', () => {
    const property = fc.property(numberedRules(40), packets, (rules, packet) => {
      const index = new RuleIndex(rules);
      const list = index.candidates(packet);
      const matching = rules.filter(({ rule }) => scoreOf(rule, packet) !== undefined);
      assert.deepEqual(new Set(list.map(({ id }) => id)), new Set(matching.map(({ id }) => id)));
      assert.deepEqual(list[0], index.best(packet));
      for (const [place, match] of list.entries()) {
        const next = list[place + 1];
        if (next === undefined) continue;
        assert.ok(match.score > next.score || (match.score === next.score && match.id < next.id));
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});

function kindOf([id, , tiedWith]: Outcome): 'nobody' | 'alone' | 'tied' {
  if (id === undefined) return 'nobody';
  return tiedWith === undefined ? 'alone' : 'tied';
}

function textOf(rules: readonly NumberedRule[]): string {
  return rules.map(({ id, rule }) => `${id}: ${explainRule(rule)}`).join('\n');
}
