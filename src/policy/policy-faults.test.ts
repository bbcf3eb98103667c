import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declare } from '../proxy/policy-fault.ts';
import { textAt } from '../../test/support/policy-samples.ts';
import { Claims, PolicyFaults } from './policy-faults.ts';
import { zone } from './zone.ts';

function place(): object {
  return declare({}, place);
}

describe('PolicyFaults', () => {
  const fault = { path: 'field', value: '1', cure: 'write 2' };

  it('puts a fault to the object that has it, or to the policy', () => {
    const faults = new PolicyFaults(place());
    faults.add(zone('a', { subnets: [] }), fault);
    faults.add(declare({}, place), fault);
    faults.addPolicy(fault);
    const subjects = faults.found.map(({ subject }) => subject);
    assert.deepEqual(subjects, ['zone "a"', 'proxy', 'policy']);
    assert.ok(textAt(faults.found[0]?.location).includes('zone('));
    assert.ok(textAt(faults.found[2]?.location).includes('new PolicyFaults(place())'));
  });

  it('tells of a thing without a name by its id, if it has one', () => {
    const faults = new PolicyFaults(place());
    faults.add(declare({ kind: 'rule', name: 'mail', id: 7 }, place), fault);
    faults.add(declare({ kind: 'rule', name: undefined, id: 7 }, place), fault);
    faults.add(declare({ kind: 'rule', name: undefined, id: undefined }, place), fault);
    const subjects = faults.found.map(({ subject }) => subject);
    assert.deepEqual(subjects, ['rule "mail"', 'rule 7', 'rule']);
  });

  it('collects what an object remembers, once', () => {
    const faults = new PolicyFaults(place());
    const bad = zone('bad', { subnets: ['x'] });
    faults.collect(bad);
    faults.collect(bad);
    assert.deepEqual(
      faults.found.map(({ path }) => path),
      ['subnets[0]'],
    );
  });

  it('keeps the members of a list that are right', () => {
    const faults = new PolicyFaults(place());
    const made = zone('a', { subnets: [] });
    const rule = { path: 'zones', kinds: ['zone'], cure: 'give zones' } as const;
    const members = faults.members([made, 7, made], rule);
    assert.deepEqual([...members], [made]);
    assert.deepEqual([...faults.members('all', rule)], []);
    const shown = faults.found.map(({ path, value, cure }) => `${path} ${value} ${cure}`);
    assert.deepEqual(shown, [
      'zones[1] 7 give zones',
      'zones[2] "a" name it only once',
      'zones "all" give zones',
    ]);
  });
});

describe('Claims', () => {
  it('gives a name to the first thing, and a fault to the second', () => {
    const faults = new PolicyFaults(place());
    const claims = new Claims(faults);
    const [first, second] = [zone('a', { subnets: [] }), zone('a', { subnets: [] })];
    claims.claim('a', first);
    claims.claim('a', first);
    assert.equal(faults.found.length, 0);
    claims.claim('a', second);
    assert.deepEqual(
      faults.found.map(({ path, value }) => [path, value]),
      [['name', '"a"']],
    );
    assert.match(faults.found[0]?.cure ?? '', /policy-faults\.test\.ts:\d+ has it/);
  });
});
