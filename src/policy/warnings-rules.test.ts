import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import type { Listener } from './make-listener.ts';
import { listener } from './listener.ts';
import { ruleListener } from './rule-listener.ts';
import { definePolicy } from './define-policy.ts';
import type { RuleOptions } from './rule.ts';
import { pfService } from './pf-service.ts';
import { rule } from './rule.ts';
import { denyService } from './service.ts';
import { ruleWarnings } from './warnings-rules.ts';

const no = denyService('no');
const door = ruleListener('192.0.2.1:80', { name: 'door' });
const side = ruleListener('192.0.2.9:80', { name: 'side', interface: { name: 'eth9', group: 9 } });
const wide = ruleListener('0.0.0.0:81', { name: 'wide', interface: { name: 'eth8' } });

function found(
  options: readonly RuleOptions[],
  listeners: readonly Listener[] = [door],
): readonly string[] {
  const rules = options.map((one) => rule({ service: no, ...one }));
  return warningsOf(ruleWarnings, { zones: [], rules, listeners });
}

describe('ruleWarnings()', () => {
  it('finds rules that no listener asks, once', () => {
    const plain = { a: [listener('127.0.0.1:1', no)], b: [listener('127.0.0.1:2', no)] };
    const what = 'and no listener asks them';
    const lines = (count: number): readonly string[] => {
      const rules = Array.from({ length: count }, () => rule({ service: no }));
      return warningsOf(ruleWarnings, { zones: [], rules, instances: plain });
    };
    assert.deepEqual(lines(1), [`rule.not-asked the policy has 1 rule, ${what}`]);
    assert.deepEqual(lines(2), [`rule.not-asked the policy has 2 rules, ${what}`]);
    assert.deepEqual(lines(0), []);
  });

  it('finds rules that never win, with those that win in their place', () => {
    const web = { name: 'web', ports: 80 };
    assert.deepEqual(found([web, { ports: 81 }, { ports: [80, 81] }]), [
      'rule.never-wins rule 3 never wins: wherever it matches, another is preferred: rule 1 "web", rule 2',
    ]);
    const rules = [rule({ ...web, service: no }), rule({ ports: 80, service: no })];
    const [warning] = ruleWarnings(definePolicy({ zones: [], rules, listeners: [door] }));
    assert.match(warning?.message ?? '', /rule 1 "web" \(\/.*warnings-rules\.test\.ts:\d+\)$/);
    assert.equal(warning?.cure, 'remove it, or make it more specific than those');
  });

  it('names five of many that win', () => {
    const ports = [1, 2, 3, 4, 5, 6, 7];
    const [line = ''] = found([...ports.map((port) => ({ ports: port })), { ports }]);
    assert.match(line, /: rule 1, rule 2, rule 3, rule 4, rule 5, 2 more$/);
  });

  it('finds rules that are for no TCP', () => {
    const udp = 'and the listeners that ask the rules accept TCP only';
    const end = 'and listeners accept TCP and UDP only';
    assert.deepEqual(
      found([{ protocols: 'udp' }, { protocols: ['icmp', 47] }, { protocols: ['udp', 'tcp'] }]),
      [
        `rule.never-matches rule 1 never matches: it is for udp, ${udp}`,
        `rule.never-matches rule 2 never matches: it is for icmp and 47, ${end}`,
      ],
    );
    assert.deepEqual(found([{ protocols: ['tcp', 'icmp'], icmpTypes: 8 }]), [
      `rule.never-matches rule 1 never matches: it asks for ICMP messages, ${end}`,
    ]);
  });

  it('finds rules for interfaces by which no connection is said to come', () => {
    const asked = [{ interfaces: 'eth9' }, { interfaceGroups: 9 }, { requestIds: 5 }];
    const lines = found(asked, [door]);
    assert.match(
      lines[0] ?? '',
      /^rule\.never-matches rule 1 never matches: it is for interface eth9, /,
    );
    assert.match(lines[1] ?? '', /it is for interface group 9, and no listener/);
    assert.match(lines[2] ?? '', /it is for IPsec request 5, and no listener/);
    assert.equal(found(asked, [door, side]).length, 1);
    assert.deepEqual(found([{ interfaces: 'eth9', requestIds: 5 }], [side]), []);
    const many = [1, 2, 3, 4, 5, 6];
    assert.match(found([{ interfaceGroups: many }])[0] ?? '', /interface group 5 and more, and no/);
  });

  it('says nothing of rules that the packet filter carries out', () => {
    assert.deepEqual(
      found([{ protocols: 'udp', interfaces: 'eth9', service: pfService('all') }]),
      [],
    );
  });

  it('finds rules for the addresses of an interface that no listener names', () => {
    const own = { destinationInterfaces: 'eth9' };
    const group = { destinationInterfaceGroups: 9 };
    const what = /rule \d never matches: it is for the addresses of an interface, and no listener/;
    for (const one of [own, group]) {
      assert.match(found([one], [door])[0] ?? '', what);
      assert.deepEqual(found([one], [door, side]), []);
      assert.deepEqual(found([{ ...one, destinationSubnets: '192.0.2.0/24' }], [door]), []);
    }
    assert.match(found([{ destinationInterfaces: 'eth8' }], [wide])[0] ?? '', what);
    const both = { interfaces: 'eth8', destinationInterfaces: 'eth9' };
    assert.match(found([both], [side, wide])[0] ?? '', what);
  });
});
