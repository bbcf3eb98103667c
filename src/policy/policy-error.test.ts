import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PolicyError, showFault } from './policy-error.ts';

const fault = { subject: 'zone "a"', path: 'subnets[0]', value: '"x"', cure: 'write an address' };
const location = { file: '/etc/zorp/policy.ts', line: 4, column: 2 };

describe('showFault()', () => {
  it('is one line with place, subject, field, value and cure', () => {
    const line = '/etc/zorp/policy.ts:4: zone "a": subnets[0] is "x": write an address';
    assert.equal(showFault({ location, ...fault }), line);
  });

  it('says so if the place is not known, and leaves out a field that there is not', () => {
    const whole = { ...fault, location: undefined, path: '' };
    assert.equal(showFault(whole), 'unknown place: zone "a": "x": write an address');
  });
});

describe('PolicyError', () => {
  it('carries all faults, and counts them', () => {
    const placed = { location, ...fault };
    const error = new PolicyError([placed, placed]);
    assert.deepEqual([error.name, error.faults], ['PolicyError', [placed, placed]]);
    const line = showFault(placed);
    assert.equal(error.message, `The policy has 2 faults\n${line}\n${line}`);
    assert.match(new PolicyError([placed]).message, /^The policy has one fault\n/);
  });
});
