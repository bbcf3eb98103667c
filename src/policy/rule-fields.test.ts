import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RuleSettings } from './rule-fields.ts';
import { conflictFaults, ruleSchema } from './rule-fields.ts';
import { denyService } from './service.ts';

const web = denyService('web');

function settingsOf(options: object): RuleSettings {
  return ruleSchema.parse({ service: web, ...options });
}

describe('the schema of rules', () => {
  it('makes protocols numbers, and ports a set', () => {
    const { protocols, ports } = settingsOf({ protocols: ['udp', 6], ports: [80, '90-99'] });
    assert.deepEqual([protocols, String(ports)], [[17, 6], '80,90-99']);
  });
});

describe('conditions that no packet can meet together', () => {
  const cases: [options: object, paths: readonly string[]][] = [
    [{ protocols: ['tcp', 'icmp'], ports: 80, icmpTypes: 8 }, []],
    [{ protocols: 132, ports: 80 }, []],
    [{ ports: 80, sourcePorts: 80 }, []],
    [{ protocols: 47, ports: 80, sourcePorts: 80 }, ['sourcePorts', 'ports']],
    [{ icmpTypes: 8, icmpCodes: 0 }, ['icmpTypes', 'icmpCodes']],
  ];
  for (const [options, paths] of cases)
    it(`in ${JSON.stringify(options)}: ${paths.join(', ') || 'none'}`, () => {
      const found = conflictFaults(settingsOf(options), []);
      assert.deepEqual(
        found.map(({ path }) => path),
        paths,
      );
    });

  it('are not looked for in protocols that are wrong already', () => {
    const fault = { path: 'protocols[0]', value: '"x"', cure: 'write it right' };
    assert.deepEqual(conflictFaults(settingsOf({ icmpTypes: 8 }), [fault]), []);
  });
});
