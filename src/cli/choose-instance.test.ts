import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { definePolicy, denyService, listener, zone } from '../index.ts';
import { chooseInstance } from './choose-instance.ts';

const refuse = denyService('refuse');
const zones = [zone('all', { subnets: ['0.0.0.0/0'] })];
const one = definePolicy({ zones, listeners: [listener('127.0.0.1:1', refuse)] });
const two = definePolicy({
  zones,
  instances: { a: [listener('127.0.0.1:1', refuse)], b: [listener('127.0.0.1:2', refuse)] },
});

describe('chooseInstance()', () => {
  it('takes the only one, or the one that is named', () => {
    assert.equal(chooseInstance(one, undefined), 'zorp');
    assert.equal(chooseInstance(one, 'zorp'), 'zorp');
    assert.equal(chooseInstance(two, 'b'), 'b');
  });

  it('names the instances where it cannot choose', () => {
    assert.throws(() => chooseInstance(two, undefined), {
      message: 'The policy has 2 instances: give --instance with one of a, b',
      exitCode: 2,
    });
    assert.throws(() => chooseInstance(one, 'c'), {
      message: 'The policy has no instance "c": give --instance with one of zorp',
    });
  });
});
