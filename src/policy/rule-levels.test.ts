import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incomingOf, packetOf, ruleOf, zoneOf } from '../../test/support/rule-samples.ts';
import type { RuleOptions } from './rule.ts';
import { makeLevels } from './rule-levels.ts';
import { scoreOf } from './rule-score.ts';

const zone = zoneOf('zone');
const packet = packetOf({
  clientZone: zone,
  destinationZone: zone,
  protocol: 1,
  icmp: { type: 8, code: 1 },
  requestId: 3,
  incoming: incomingOf('eth0', 2, ['192.0.2.1']),
});

/** Each level has one condition, which the packet meets. */
const CONDITIONS: readonly [options: RuleOptions, group: string][] = [
  [{ requestIds: 3 }, 'incoming'],
  [{ interfaces: 'eth0' }, 'incoming'],
  [{ interfaceGroups: 2 }, 'incoming'],
  [{ icmpCodes: 1 }, 'icmp-code'],
  [{ icmpTypes: 8 }, 'icmp-type'],
  [{ protocols: 'icmp' }, 'protocol'],
  [{ sourcePorts: 40_000 }, 'source-port'],
  [{ ports: 80 }, 'port'],
  [{ sourceSubnets: '10.0.0.1' }, 'source'],
  [{ from: zone }, 'source'],
  [{ destinationSubnets: '192.0.2.1' }, 'destination'],
  [{ destinationInterfaces: 'eth0' }, 'destination'],
  [{ destinationInterfaceGroups: 2 }, 'destination'],
  [{ to: zone }, 'destination'],
];

describe('the levels of rules', () => {
  it('are one for each condition, most significant first, with the points of the score', () => {
    const levels = makeLevels();
    assert.equal(levels.length, CONDITIONS.length);
    let last = Infinity;
    for (const [index, [options, group]] of CONDITIONS.entries()) {
      const rule = ruleOf(options);
      const atoms = levels.map(({ condition }) => condition.atomsOf(rule).length);
      assert.deepEqual(atoms.indexOf(1), index);
      assert.equal(
        atoms.reduce((sum, one) => sum + one),
        1,
      );
      const level = levels[index];
      assert.ok(level !== undefined);
      assert.equal(level.group, group);

      const one = group.endsWith('port') ? { ...packet, protocol: 6 } : packet;
      const points: number[] = [];
      level.condition.find(one, { found: (_, got) => points.push(got) });
      assert.deepEqual(points, [scoreOf(rule, one)]);
      assert.ok((points[0] ?? 0) < last, `level ${index} outweighs the one before`);
      last = points[0] ?? 0;
    }
  });

  it('find no ports and no messages in packets of other protocols, and no request without interface', () => {
    const levels = makeLevels();
    for (const [options] of CONDITIONS)
      for (const { condition } of levels) condition.atomsOf(ruleOf(options));
    const other = { ...packet, protocol: 47, incoming: undefined };
    const found = levels.map(({ condition }) => {
      let count = 0;
      condition.find(other, { found: () => count++ });
      return count;
    });
    assert.deepEqual(found, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1]);
  });
});
