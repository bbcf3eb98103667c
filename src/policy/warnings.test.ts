import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, it } from 'node:test';
import { loadPolicy } from '../instance/load-policy.ts';
import { definePolicy } from './define-policy.ts';
import { ruleListener } from './rule-listener.ts';
import { rule } from './rule.ts';
import { denyService } from './service.ts';
import { policyWarnings } from './warnings.ts';
import { zone } from './zone.ts';

const no = denyService('no');

describe('policyWarnings()', () => {
  it('has all kinds of warnings, in the order of their lines', () => {
    const twice = rule({ name: 'all', service: no });
    const unused = denyService('unused');
    const nowhere = zone('nowhere', {});
    const closed = zone('closed', { subnets: ['10.0.0.0/8'], outboundServices: [unused] });
    const again = rule({ name: 'All', service: no });
    const warnings = policyWarnings(
      definePolicy({
        zones: [closed, nowhere],
        rules: [twice, again],
        listeners: [ruleListener('127.0.0.1:1')],
      }),
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['service.unused', 'zone.empty', 'list.empty', 'rule.never-wins', 'name.case'],
    );
    for (const { file, message, cure } of warnings) {
      assert.match(file ?? '', /warnings\.test\.ts$/);
      assert.ok(message !== '' && cure !== '');
    }
  });

  it('is done with 10,000 rules in a moment', () => {
    const rules = Array.from({ length: 10_000 }, (_, index) =>
      rule({
        name: `rule of ${index}`,
        sourceSubnets: `10.${index >> 8}.${index & 255}.0/24`,
        ports: 80,
        service: no,
      }),
    );
    const last = rule({ sourceSubnets: '10.0.9.0/24', ports: 80, service: no });
    const listeners = [ruleListener('127.0.0.1:1')];
    const warnings = policyWarnings(
      definePolicy({ zones: [], rules: [...rules, last], listeners }),
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['rule.never-wins'],
    );
  });

  for (const file of globSync(`${import.meta.dirname}/../../policies/*.ts`))
    it(`finds nothing in ${file.slice(file.lastIndexOf('/') + 1)}`, async () => {
      assert.deepEqual(policyWarnings((await loadPolicy(file)).policy), []);
    });
});
