import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at } from '../../test/support/policy-samples.ts';
import { RuleContest } from './rule-contest.ts';
import { RuleIndex } from './rule-index.ts';
import { rule } from './rule.ts';
import { denyService } from './service.ts';

describe('a contest of rules', () => {
  it('tells all rules that match a packet, the winner first', () => {
    const service = denyService('no');
    const index = new RuleIndex([
      { id: 1, rule: rule({ service }) },
      { id: 2, rule: rule({ ports: 80, service }) },
      { id: 3, rule: rule({ ports: 81, service }) },
    ]);
    const contest = new RuleContest(index, {
      client: at('10.0.0.1:1'),
      local: at('192.0.2.1:80'),
      clientZone: undefined,
      destinationZone: undefined,
      protocol: 6,
    });
    assert.deepEqual(
      contest.candidates.map(({ id }) => id),
      [2, 1],
    );
  });
});
