import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasPorts, isIcmp, showProtocol } from './ip-protocol.ts';

describe('IP protocols', () => {
  it('of which five have ports', () => {
    const numbers = Array.from({ length: 256 }, (_, number) => number);
    assert.deepEqual(numbers.filter(hasPorts), [6, 17, 33, 132, 136]);
  });

  it('of which two have types and codes', () => {
    const numbers = Array.from({ length: 256 }, (_, number) => number);
    assert.deepEqual(numbers.filter(isIcmp), [1, 58]);
  });

  it('are shown by name if rules may name them so', () => {
    assert.deepEqual([1, 6, 17, 58, 47].map(showProtocol), ['icmp', 'tcp', 'udp', 'icmpv6', '47']);
  });
});
