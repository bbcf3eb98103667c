import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { rule } from '../policy/rule.ts';
import type { RuleMatch } from '../policy/rule-index.ts';
import { denyService } from '../policy/service.ts';
import { RuleCollisions } from './rule-collisions.ts';

const any = rule({ service: denyService('no') });

function match(id: number, tiedWith?: number): RuleMatch {
  return { id, rule: any, score: 0, tiedWith };
}

describe('RuleCollisions', () => {
  it('tells a collision once a minute, with the number of connections since', () => {
    const log = new MemoryLog();
    const clock = new ManualClock();
    const collisions = new RuleCollisions(log, clock);
    collisions.note(match(1));
    assert.deepEqual(log.codes, []);
    for (let time = 0; time < 4; time++) collisions.note(match(2, 3));
    collisions.note(match(7, 9));
    clock.advance(60_000);
    collisions.note(match(2, 3));
    assert.deepEqual(
      log.lines.map(({ code, fields }) => [code, fields]),
      [
        ['rule.collision', { rule: 2, other: 3, since: 0 }],
        ['rule.collision', { rule: 7, other: 9, since: 0 }],
        ['rule.collision', { rule: 2, other: 3, since: 3 }],
      ],
    );
  });

  it('remembers a bounded number of rules', () => {
    const log = new MemoryLog();
    const collisions = new RuleCollisions(log, new ManualClock());
    for (let id = 1; id <= 2_000; id++) collisions.note(match(id, id + 1));
    assert.equal(log.lines.length, 1_000);
  });
});
