import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { copyExamples } from '../../test/support/example-policies.ts';
import { needs } from '../../test/support/needs.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
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

  describe('of the example policies', needs('openssl'), () => {
    const folder = temporaryFolder(suiteOwner(), 'examples');
    before(() => copyExamples(folder));

    for (const name of globSync('*.ts', { cwd: `${import.meta.dirname}/../../policies` }))
      it(`are none: ${name}`, async () => {
        const { policy } = await loadPolicy(join(folder, 'policies', name));
        assert.deepEqual(policyWarnings(policy), []);
      });
  });
});
