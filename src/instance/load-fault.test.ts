import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromPlacedFault, PolicyLoadError, showLoadFault } from './load-fault.ts';

describe('showLoadFault()', () => {
  it('says place, message and cure, as far as they are known', () => {
    const fault = { code: 'a', file: '/p.ts', message: 'Bad', cure: 'mend it' };
    assert.equal(showLoadFault({ ...fault, line: 3, column: 7 }), '/p.ts:3:7: Bad: mend it');
    assert.equal(showLoadFault({ ...fault, line: 3 }), '/p.ts:3: Bad: mend it');
    assert.equal(showLoadFault(fault), '/p.ts: Bad: mend it');
    assert.equal(showLoadFault({ ...fault, file: undefined, cure: '' }), 'Bad');
  });
});

describe('PolicyLoadError', () => {
  it('has all faults in its message, a line each', () => {
    const fault = { code: 'a', file: '/p.ts', message: 'Bad', cure: 'mend it' };
    const error = new PolicyLoadError([fault, { ...fault, file: '/q.ts' }]);
    assert.equal(error.message, '/p.ts: Bad: mend it\n/q.ts: Bad: mend it');
    assert.equal(error.faults.length, 2);
  });
});

describe('fromPlacedFault()', () => {
  it('says what is at fault, the field and its value', () => {
    const location = { file: '/p.ts', line: 3, column: 7 };
    const fault = { location, subject: 'zone "a"', path: 'subnets[0]', value: '"x"', cure: 'y' };
    assert.deepEqual(fromPlacedFault(fault), {
      code: 'policy.fault',
      ...location,
      message: 'zone "a": subnets[0] is "x"',
      cure: 'y',
    });
    const whole = fromPlacedFault({ ...fault, location: undefined, path: '' });
    assert.equal(whole.message, 'zone "a": "x"');
    assert.equal(whole.file, undefined);
  });
});
