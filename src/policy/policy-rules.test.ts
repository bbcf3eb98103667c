import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, idleProxy, wrong } from '../../test/support/policy-samples.ts';
import { definePolicy } from './define-policy.ts';
import { ruleListener } from './rule-listener.ts';
import { rule } from './rule.ts';
import { denyService, service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const no = denyService('no');
const inside = zone('inside', { subnets: ['10.0.0.0/8'] });
const stranger = zone('stranger', { subnets: ['192.0.2.0/24'] });
const door = ruleListener('127.0.0.1:80', { name: 'door' });
const zones = [inside];
const listeners = [door];

describe('the rules of a policy', () => {
  it('are numbered, and start services that nothing else names', () => {
    const rules = [rule({ from: inside, service: web }), rule({ id: 1, service: no })];
    const policy = definePolicy({ zones, rules, listeners });
    assert.deepEqual(
      policy.rules.map(({ id, rule: made }) => [id, made.service?.name]),
      [
        [1, 'no'],
        [2, 'web'],
      ],
    );
    assert.deepEqual(policy.services, [no, web]);
  });

  it('name zones of the policy only, and are no copies', () => {
    const lost = rule({ from: inside, to: stranger, service: web });
    const given = { zones, listeners, rules: [lost, { ...lost }, wrong('web')] };
    const starts = faultLines(given).map((line) => line.split(' ').slice(0, 2).join(' '));
    assert.deepEqual(starts, ['policy rules[1]', 'policy rules[2]', 'rule to']);
  });

  it('must be there where a listener asks them', () => {
    assert.deepEqual(faultLines({ zones, listeners }), ['listener "door" rules none']);
    assert.deepEqual(faultLines({ zones, listeners, rules: [] }), ['listener "door" rules none']);
  });
});
