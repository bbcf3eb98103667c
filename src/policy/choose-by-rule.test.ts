import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import type { ConnectionFacts } from './decision.ts';
import { decide } from './decide.ts';
import { definePolicy } from './define-policy.ts';
import { explainDecision } from './explain.ts';
import { ruleListener } from './rule-listener.ts';
import { rule } from './rule.ts';
import type { Service } from './service.ts';
import { denyService, service } from './service.ts';
import { zone } from './zone.ts';
import { directedRouter } from './router.ts';
import { httpDetector } from '../protocols/http/index.ts';

const router = directedRouter({ destination: '192.0.2.80:80' });

function starts(name: string): Service {
  return service(name, { proxy: idleProxy(), router });
}

const web = starts('web');
const admin = starts('admin');
const inside = zone('inside', { subnets: ['10.0.0.0/8'] });
const office = zone('office', { subnets: ['10.1.0.0/16'], parent: inside });
const guarded = zone('guarded', { subnets: ['10.9.0.0/16'], outboundServices: [admin] });
const servers = zone('servers', { subnets: ['192.0.2.0/24'] });
const policy = definePolicy({
  zones: [inside, office, guarded, servers],
  rules: [
    rule({ id: 10, from: inside, ports: 80, service: web }),
    rule({ id: 20, from: office, ports: 80, service: admin }),
    rule({ id: 21, from: office, ports: 80, service: web }),
    rule({ id: 30, interfaces: 'eth7', service: admin }),
    rule({ id: 40, protocols: 'udp', service: denyService('no-udp') }),
    rule({ id: 50, sourceSubnets: '203.0.113.0/24', service: web }),
    rule({ id: 60, from: guarded, service: web }),
    rule({ id: 70, ports: 81, detect: [{ detector: httpDetector(), service: web }] }),
  ],
  listeners: [ruleListener('192.0.2.1:80', { name: 'door' })],
});
const eth7 = { name: 'eth7', group: 0, addresses: [] };

function ask(client: string, facts: Partial<ConnectionFacts> = {}): readonly unknown[] {
  const local = at('192.0.2.1:80');
  const [listener] = policy.instances.get('zorp') ?? [];
  const asked = { instance: 'zorp', listener, client: at(client), local, connect: {}, ...facts };
  const decision = decide(policy, asked);
  const { reason, service: chosen } = explainDecision(decision);
  return [decision.rule?.id, chosen, reason];
}

describe('the choice by rules', () => {
  it('takes the most specific rule that matches, the lower id of two that are as specific', () => {
    assert.deepEqual(ask('10.2.0.1:1'), [10, 'web', 'permitted']);
    assert.deepEqual(ask('10.1.0.1:1'), [20, 'admin', 'permitted']);
  });

  it('hands every fact of the connection to the rules', () => {
    assert.deepEqual(ask('198.51.100.1:1', { incoming: eth7 }), [30, 'admin', 'permitted']);
    assert.deepEqual(ask('198.51.100.1:1', { protocol: 17 }), [40, 'no-udp', 'service.denied']);
  });

  it('knows the interface that the listener names', () => {
    const rules = [rule({ interfaces: 'eth7', service: admin })];
    const door = ruleListener('192.0.2.1:80', { interface: { name: 'eth7' } });
    const other = definePolicy({ zones: [servers], rules, listeners: [door] });
    const facts = { instance: 'zorp', client: at('10.0.0.1:1'), local: at('192.0.2.1:80') };
    assert.equal(decide(other, facts).outcome, 'permitted');
    const unknown = definePolicy({
      zones: [servers],
      rules,
      listeners: [ruleListener('192.0.2.1:80')],
    });
    assert.equal(explainDecision(decide(unknown, facts)).reason, 'rule.none');
  });

  it('refuses what no rule matches', () => {
    assert.deepEqual(ask('198.51.100.1:1'), [undefined, null, 'rule.none']);
  });

  it('needs no zone, and no list of one; a list that is declared binds', () => {
    assert.deepEqual(ask('203.0.113.7:1'), [50, 'web', 'permitted']);
    assert.deepEqual(ask('10.9.0.1:1'), [60, 'web', 'access.outbound']);
  });

  it('waits for the first bytes where the rule detects, and goes on with what they tell', () => {
    const local = at('192.0.2.1:81');
    assert.deepEqual(ask('198.51.100.1:1', { local }), [70, null, 'detecting']);
    assert.deepEqual(ask('198.51.100.1:1', { local, detected: web }), [70, 'web', 'permitted']);
    assert.deepEqual(ask('198.51.100.1:1', { local, detected: 'none' }), [70, null, 'detect.none']);
  });

  it('explains all rules that match, with their scores', () => {
    const [listener] = policy.instances.get('zorp') ?? [];
    const facts = {
      instance: 'zorp',
      listener,
      client: at('10.1.0.1:1'),
      local: at('192.0.2.1:80'),
    };
    const { steps } = explainDecision(decide(policy, facts));
    const rules = steps.filter(({ check }) => check === 'rule');
    assert.deepEqual(
      rules.map(({ outcome, name, because }) => [outcome, name, because]),
      [
        ['chosen', '20', 'it is the most specific that matches'],
        ['lost', '21', 'another that is as specific has a lower id'],
        ['lost', '10', 'another is more specific'],
      ],
    );
    assert.equal(rules[0]?.value, rules[1]?.value);
    assert.notEqual(rules[0]?.value, rules[2]?.value);
    assert.match(rules[0]?.source ?? '', /choose-by-rule\.test\.ts:\d+$/);
  });
});
