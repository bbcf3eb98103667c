// What Node says of a socket becomes an address of ours, or nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { socketAddressOf } from './node-address.ts';

describe('an address of Node', () => {
  for (const [text, expected] of [
    ['192.0.2.1', '192.0.2.1:80'],
    ['::ffff:192.0.2.1', '192.0.2.1:80'],
    ['2001:db8::1', '[2001:db8::1]:80'],
    ['fe80::1%eth0', '[fe80::1]:80'],
  ] as const) {
    it(`${text} is ${expected}`, () =>
      assert.equal(socketAddressOf(text, 80)?.toString(), expected));
  }

  it('is nothing where the socket is gone', () => {
    assert.equal(socketAddressOf(undefined, 80), undefined);
    assert.equal(socketAddressOf('192.0.2.1', undefined), undefined);
    assert.equal(socketAddressOf('', 80), undefined);
  });
});
