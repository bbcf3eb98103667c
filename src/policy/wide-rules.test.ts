import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packetOf, ruleOf } from '../../test/support/rule-samples.ts';
import { BestRules, NONE } from './best-rules.ts';
import type { Side } from './key-mask.ts';
import type { Packet } from './packet.ts';
import { QuestionAtoms } from './question-atoms.ts';
import type { RuleOptions } from './rule.ts';
import { wishesOf } from './rule-entries.ts';
import { makeLevels } from './rule-levels.ts';
import { scoreOf } from './rule-score.ts';
import { WideRules } from './wide-rules.ts';

/** Score, first and second of these rules for a packet; `met` are places and scores that were found before. */
function search(
  options: readonly RuleOptions[],
  packet: Packet,
  ...met: readonly (readonly [number, number])[]
): readonly number[] {
  const levels = makeLevels();
  const sides = levels.map(({ group }): Side =>
    group === 'source' || group === 'destination' ? group : undefined,
  );
  const rules = options.map((one, place) => ({ place, wishes: wishesOf(ruleOf(one), levels) }));
  const wide = new WideRules(rules, levels, sides);
  const atoms = new QuestionAtoms(sides, [...levels.keys()]);
  atoms.take({ find: (level, finder) => levels[level]?.condition.find(packet, finder) });
  const best = new BestRules();
  for (const [place, score] of met) best.keep(place, score);
  wide.search(atoms, best);
  return [best.score, best.first, best.second];
}

const HOSTS = Array.from({ length: 20 }, (_, index) => `10.0.0.${index + 1}`);
const SERVERS = Array.from({ length: 20 }, (_, index) => `192.0.2.${index + 1}`);
const wanted: RuleOptions = {
  sourceSubnets: HOSTS,
  destinationSubnets: SERVERS,
  ports: [80, 81, '90-99'],
};

describe('WideRules', () => {
  it('finds a rule by each combination of its alternatives, with the score that it has', () => {
    for (const client of HOSTS)
      for (const local of SERVERS)
        for (const port of [80, 95]) {
          const packet = packetOf({ client: `${client}:1`, local: `${local}:${port}` });
          assert.deepEqual(search([wanted], packet), [scoreOf(ruleOf(wanted), packet), 0, NONE]);
        }
  });

  it('finds no rule of which a part does not match', () => {
    const nothing = [NONE, NONE, NONE];
    assert.deepEqual(search([wanted], packetOf({ client: '10.0.1.1:1' })), nothing);
    assert.deepEqual(search([wanted], packetOf({ local: '192.0.3.1:80' })), nothing);
    assert.deepEqual(search([wanted], packetOf({ local: '192.0.2.1:82' })), nothing);
    assert.deepEqual(search([wanted], packetOf({ protocol: 1 })), nothing);
    assert.deepEqual(search([], packetOf()), nothing);
  });

  it('finds the best, and the two lowest places of as good ones', () => {
    const worse = { ...wanted, sourceSubnets: ['10.0.0.0/24', '10.1.0.0/16'] };
    const score = scoreOf(ruleOf(wanted), packetOf()) ?? NONE;
    const rules = [worse, wanted, worse, wanted, wanted];
    assert.deepEqual(search(rules, packetOf()), [score, 1, 3]);
    assert.deepEqual(search(rules, packetOf(), [2, score]), [score, 1, 2]);
    assert.deepEqual(search(rules, packetOf(), [2, score], [0, score]), [score, 0, 1]);
    assert.deepEqual(search(rules, packetOf(), [7, score + 1]), [score + 1, 7, NONE]);
  });

  it('does not let a rule stand back that could have had a better score with another packet', () => {
    const mixed = { ...wanted, sourceSubnets: ['10.9.9.9', '0.0.0.0/0'] };
    const plain = { ...wanted, sourceSubnets: ['10.0.0.0/8', '11.0.0.0/8'] };
    const score = scoreOf(ruleOf(plain), packetOf()) ?? NONE;
    assert.deepEqual(search([mixed, plain], packetOf()), [score, 1, NONE]);
  });
});
