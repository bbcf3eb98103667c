import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import { listener } from './listener.ts';
import { ruleListener } from './rule-listener.ts';
import { program } from './program.ts';
import { rule } from './rule.ts';
import { denyService, service } from './service.ts';
import { nameWarnings } from './warnings-names.ts';
import { zone } from './zone.ts';

const no = denyService('no');

describe('nameWarnings()', () => {
  it('finds names that differ only by case, of each kind', () => {
    const upper = program('FILTER', { command: ['/bin/true'] });
    const filter = service('Filter', { proxy: idleProxy({ stacks: [upper] }) });
    const found = warningsOf(nameWarnings, {
      zones: [zone('office', {}), zone('Office', {}), zone('OFFICE', {})],
      rules: [
        rule({ name: 'all', service: no }),
        rule({ name: 'All', id: 7, ports: 1, service: filter }),
      ],
      instances: {
        a: [ruleListener('127.0.0.1:1', { name: 'web' })],
        A: [ruleListener('127.0.0.1:2', { name: 'WEB' })],
      },
    });
    const end = 'differ only by case';
    assert.deepEqual(found, [
      `name.case instance "A" and instance "a" ${end}`,
      `name.case zone "Office" and zone "office" ${end}`,
      `name.case zone "OFFICE" and zone "office" ${end}`,
      `name.case listener "WEB" and listener "web" ${end}`,
      `name.case program "FILTER" and service "Filter" ${end}`,
      `name.case rule 7 "All" and rule 1 "all" ${end}`,
    ]);
  });

  it('has nothing against equal names of rules, or of different kinds', () => {
    const found = warningsOf(nameWarnings, {
      zones: [zone('No', {})],
      rules: [rule({ name: 'no', service: no }), rule({ name: 'no', ports: 1, service: no })],
      listeners: [
        listener('127.0.0.1:1', no, { name: 'NO' }),
        ruleListener('127.0.0.1:2', { name: 'other' }),
      ],
    });
    assert.deepEqual(found, []);
  });
});
