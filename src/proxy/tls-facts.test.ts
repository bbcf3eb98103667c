import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coversHost } from './tls-facts.ts';

describe('coversHost()', () => {
  it('takes a name for itself, and a wildcard for the first label', () => {
    const names = ['a.example', '*.shop.example', '192.0.2.1', '*.example'];
    for (const host of ['a.example', 'x.shop.example', '192.0.2.1'])
      assert.equal(coversHost(names, host), true, host);
    for (const host of [
      'b.example',
      'shop.example',
      'x.y.shop.example',
      '.shop.example',
      'example',
      '192.0.2.2',
    ])
      assert.equal(coversHost(names, host), false, host);
  });
});
