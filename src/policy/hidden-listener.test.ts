import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, faultsOfPolicy, textAt } from '../../test/support/policy-samples.ts';
import { sourceOf } from '../proxy/source-location.ts';
import type { PolicyOptions } from './define-policy.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import type { Listener } from './make-listener.ts';
import { rule } from './rule.ts';
import { ruleListener } from './rule-listener.ts';
import { denyService } from './service.ts';

const no = denyService('no');
const rules = [rule({ service: no })];
const zones: PolicyOptions['zones'] = [];
const plain = listener('127.0.0.1:1', no);

function listenersOf(options: Omit<PolicyOptions, 'zones'>): readonly Listener[] {
  return [...definePolicy({ zones, ...options }).instances.values()].flat();
}

function shown(options: Omit<PolicyOptions, 'zones'>): readonly string[] {
  return listenersOf(options).map(({ name, binds }) => `${name} ${binds.join(' ')}`);
}

const HIDDEN = 'rules 127.0.0.1:50080 [::1]:50080';

describe('the hidden listener of the rules', () => {
  it('is there by itself in a policy with rules, one instance and no listener that asks them', () => {
    assert.deepEqual(shown({ rules }), [HIDDEN]);
    assert.deepEqual(shown({ rules, listeners: [] }), [HIDDEN]);
    assert.deepEqual(shown({ rules, listeners: [plain] }), ['127.0.0.1:1 127.0.0.1:1', HIDDEN]);
    assert.deepEqual(shown({ rules, instances: { a: [] } }), [HIDDEN]);
    const [made] = listenersOf({ rules });
    assert.match(textAt(made === undefined ? undefined : sourceOf(made)), /definePolicy\(/);
  });

  it('is not where another one asks the rules, where there are none, or where nobody says in which instance', () => {
    const door = ruleListener('127.0.0.1:2');
    assert.deepEqual(shown({ rules, listeners: [door] }), ['127.0.0.1:2 127.0.0.1:2']);
    assert.deepEqual(shown({ listeners: [plain] }), ['127.0.0.1:1 127.0.0.1:1']);
    const other = listener('127.0.0.1:3', no);
    const two = shown({ rules, instances: { a: [plain], b: [other] } });
    assert.deepEqual(two, ['127.0.0.1:1 127.0.0.1:1', '127.0.0.1:3 127.0.0.1:3']);
  });

  it('stands where ruleListener() stands, at the port of the policy', () => {
    const packetFilter = { rulePort: 4000 };
    const named = { all: [plain], b: [ruleListener({ name: 'hidden' })] };
    const lines = shown({ rules, packetFilter, instances: named });
    assert.deepEqual(lines[1], 'hidden 127.0.0.1:4000 [::1]:4000');
  });

  it('is there once at most', () => {
    const twice = { a: [ruleListener()], b: [ruleListener({ name: 'second' })] };
    const lines = faultLines({ zones, rules, instances: twice });
    assert.equal(lines[0], 'listener "second"  "second"');
  });

  it('needs rules, and its port for itself', () => {
    assert.deepEqual(faultLines({ zones, listeners: [ruleListener()] }), [
      'listener "rules" rules none',
    ]);
    const taken = listener('0.0.0.0:50080', no, { name: 'taken' });
    const faults = faultsOfPolicy({ zones, rules, listeners: [ruleListener(), taken] });
    assert.deepEqual(
      faults.map(({ subject, path, value }) => `${subject} ${path} ${value}`),
      ['policy packetFilter.rulePort "127.0.0.1:50080"'],
    );
    assert.match(
      faults[0]?.cure ?? '',
      /choose another port: 0\.0\.0\.0:50080 of the listener at /,
    );
  });

  it('is not missed where the rules themselves are wrong', () => {
    assert.deepEqual(faultLines({ zones, rules: ['x'] }), ['policy rules[0] "x"']);
  });
});
