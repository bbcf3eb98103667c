import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ruleOf, zoneOf } from '../../test/support/rule-samples.ts';
import type { RuleOptions } from './rule.ts';
import { MAX_JUDGED_ENTRIES, rulesThatNeverWin } from './rule-cover.ts';
import type { Zone } from './zone.ts';
import { zone } from './zone.ts';

const company = zoneOf('company', undefined, ['10.0.0.0/8']);
const office = zoneOf('office', company, ['10.1.0.0/16', '10.3.0.0/16']);
const guests = zoneOf('guests', undefined, ['192.0.2.0/24', '2001:db8::/32']);
const branch = zoneOf('branch', company, ['172.16.0.0/12']);
const ZONES = [company, office, guests, branch];

/** What is said of rules with the ids 1, 2, 3 ...: `2 by 1`. */
function said(rules: readonly RuleOptions[], zones: readonly Zone[] = ZONES): readonly string[] {
  const numbered = rules.map((options, index) => ({ id: index + 1, rule: ruleOf(options) }));
  return rulesThatNeverWin(numbered, zones).map(
    ({ id, coveredBy }) => `${id} by ${coveredBy.map((one) => one.id).join(' and ')}`,
  );
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => 2 * index + 1);
}

describe('rulesThatNeverWin()', () => {
  const dead: [what: string, rules: readonly RuleOptions[], said: readonly string[]][] = [
    ['a copy of another rule', [{ ports: 80 }, { ports: 80 }], ['2 by 1']],
    ['a catch-all after another', [{}, { ports: 80 }, {}], ['3 by 1']],
    [
      'a zone and a port, in a subnet and a list of ports of another rule',
      [
        { from: office, ports: 80 },
        { sourceSubnets: '10.0.0.0/8', ports: '80,443' },
      ],
      ['1 by 2'],
    ],
    [
      'a range in a wider one, among rules for the same protocol',
      [
        { protocols: 6, ports: 80 },
        { protocols: 6, ports: '80-90,80' },
        { protocols: 6, ports: '81-90' },
      ],
      ['3 by 2'],
    ],
    ['a range within a range', [{ ports: '1000-3000' }, { ports: '1024-2000' }], ['2 by 1']],
    [
      'a list of which each member is in another rule',
      [{ ports: 80 }, { ports: 443 }, { ports: '80,443' }],
      ['3 by 1 and 2'],
    ],
    [
      'a zone whose addresses are all in a subnet of another rule',
      [{ from: office }, { sourceSubnets: '10.0.0.0/8' }],
      ['1 by 2'],
    ],
    [
      'a zone and one below it, as another rule has them',
      [{ from: [company, office] }, { from: office }, { to: company }, { to: company }],
      ['2 by 1', '4 by 3'],
    ],
    [
      'a subnet and its part, in a rule that has both itself',
      [{ sourceSubnets: ['10.0.0.0/8', '10.1.0.0/16'] }, { sourceSubnets: '10.1.0.0/16' }],
      ['2 by 1'],
    ],
    [
      'a zone that another rule has beside a subnet',
      [{ from: company, sourceSubnets: '192.0.2.0/24' }, { from: company }],
      ['2 by 1'],
    ],
    [
      'interfaces by name below the same by name and group',
      [{ interfaces: 'eth0', interfaceGroups: 1 }, { interfaces: 'eth0' }],
      ['2 by 1'],
    ],
  ];
  for (const [what, rules, expected] of dead)
    it(`finds ${what}`, () => assert.deepEqual(said(rules), expected));

  const alive: [what: string, rules: readonly RuleOptions[]][] = [
    ['the more specific of two', [{}, { ports: 80 }]],
    ['a wide range around a narrow one', [{ ports: '1024-2000' }, { ports: '1000-3000' }]],
    ['a port within a range', [{ ports: '1-100' }, { ports: 80 }]],
    ['another family', [{ sourceSubnets: '0.0.0.0/0' }, { sourceSubnets: '::/0' }]],
    [
      'a zone of both families, against a subnet of one',
      [{ from: guests }, { sourceSubnets: '192.0.2.0/24' }],
    ],
    [
      'a zone, against a subnet of part of it',
      [{ from: company }, { sourceSubnets: '10.1.0.0/16' }],
    ],
    [
      'a zone, against a subnet that lacks a zone below it',
      [{ from: company }, { sourceSubnets: '10.0.0.0/8' }],
    ],
    ['a parent, against the zones below it', [{ from: office }, { from: company }]],
    ['a destination, against the same source', [{ from: office }, { to: office }]],
    ['a list, against all of its members but one', [{ ports: 80 }, { ports: '80,443' }]],
    ['protocols, against one of them', [{ protocols: 'tcp' }, { protocols: ['tcp', 'udp'] }]],
    [
      'names and groups, against the same names',
      [{ interfaces: 'eth0' }, { interfaces: 'eth0', interfaceGroups: 1 }],
    ],
  ];
  for (const [what, rules] of alive)
    it(`does not take for dead ${what}`, () => assert.deepEqual(said(rules), []));

  it('knows nothing of the addresses of zones that are not in the policy', () => {
    const rules = [{ from: office }, { sourceSubnets: '10.0.0.0/8' }];
    assert.deepEqual(said(rules, []), []);
  });

  it('does not say where the addresses of host names are', () => {
    const hosts = zone('hosts', { subnets: ['10.2.0.0/16'], hostnames: ['www.example.org'] });
    const rules = [{ from: hosts }, { sourceSubnets: '10.0.0.0/8' }];
    assert.deepEqual(said(rules, [hosts]), []);
    assert.deepEqual(said([...rules, { from: hosts }], [hosts]), ['3 by 1']);
  });

  it('does not judge rules with too many combinations', () => {
    const wide = { ports: range(33), sourcePorts: range(32) };
    assert.ok(33 * 32 > MAX_JUDGED_ENTRIES);
    assert.deepEqual(said([wide, wide]), []);
    const narrower = { ports: range(32), sourcePorts: range(32) };
    assert.deepEqual(said([narrower, narrower]), ['2 by 1']);
  });

  it('judges 10,000 rules in a moment', () => {
    const rules = Array.from({ length: 10_000 }, (_, index) => ({
      sourceSubnets: [`10.${index >> 8}.${index & 255}.0/24`, '192.0.2.1'],
      ports: [80, 443, 8000 + (index % 100)],
    }));
    const last = { sourceSubnets: '10.0.9.0/24', ports: 80 };
    assert.deepEqual(said([...rules, last]), ['10001 by 10']);
  });
});
