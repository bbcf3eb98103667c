import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { checkSettings } from '../proxy/policy-fault.ts';
import { explainGuard, GUARD_CURE, guardSchema } from './guard-options.ts';
import { zone } from './zone.ts';

const inside = zone('inside', { subnets: ['10.0.0.0/8'] });

describe('guardSchema', () => {
  it('takes zones, a function that gives them, and "off"', () => {
    for (const guard of ['off', { permit: [inside] }, { permit: () => [inside] }])
      assert.deepEqual(guardSchema.parse(guard), guard);
  });

  it('says what to write where `permit` is misspelt', () => {
    const guard = { permits: [inside] };
    const schema = z.strictObject({ guard: guardSchema });
    const { faults } = checkSettings(schema, { guard }, { guard: 'off' });
    assert.deepEqual(
      faults.map(({ path, cure }) => [path, cure]),
      [
        ['guard.permit', GUARD_CURE],
        ['guard.permits', 'write "permit": there is no such option'],
      ],
    );
  });

  it('takes nothing else, and says what to write', () => {
    for (const guard of [
      false,
      {},
      { permit: [] },
      { permit: ['inside'] },
      [inside],
      { zones: [] },
    ]) {
      const { error } = guardSchema.safeParse(guard);
      assert.match(String(error?.issues[0]?.message), /permit: \[zone\]/);
    }
  });
});

describe('guardSchema, of a guard that is switched on', () => {
  it('says that it is on', () => {
    for (const guard of ['on', true]) {
      const { error } = guardSchema.safeParse(guard);
      assert.match(String(error?.issues[0]?.message), /^leave it out: the guard is on wherever/);
    }
  });
});

describe('explainGuard()', () => {
  it('names what is open, and says nothing of what is so by default', () => {
    assert.equal(explainGuard(undefined), '');
    assert.equal(explainGuard('off'), '; destination guard: off');
    assert.equal(explainGuard({ permit: [inside] }), '; destination guard: open for inside');
    const lazy = '; destination guard: opened for certain zones';
    assert.equal(explainGuard({ permit: () => [inside] }), lazy);
  });
});
