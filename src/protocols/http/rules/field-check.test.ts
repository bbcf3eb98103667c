import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHostName, isReserved, isSingleton, nameCure, valueCure } from './field-check.ts';

describe('isReserved()', () => {
  it('knows what the proxy writes itself', () => {
    for (const name of ['Connection', 'te', 'CONTENT-LENGTH', 'Transfer-Encoding', 'Upgrade'])
      assert.equal(isReserved(name), true, name);
    for (const name of ['Host', 'Cookie', 'X-A']) assert.equal(isReserved(name), false, name);
  });
});

describe('the names that the proxy acts on', () => {
  it('are compared without regard to case', () => {
    assert.deepEqual([isHostName('hOST'), isHostName('Hosts')], [true, false]);
    assert.deepEqual([isSingleton('content-TYPE'), isSingleton('X-A')], [true, false]);
  });
});

describe('nameCure() and valueCure()', () => {
  it('say what a field must be', () => {
    assert.equal(nameCure('X-A'), undefined);
    assert.match(nameCure('X A') ?? '', /token/);
    assert.match(nameCure('Transfer-Encoding') ?? '', /proxy itself/);
    assert.equal(valueCure('X-A', ''), undefined);
    assert.equal(valueCure('X-A', 'a\tb \xff'), undefined);
    for (const value of ['a\r\nb', '\0', ' a', 'a ', '\u0151'])
      assert.match(valueCure('X-A', value) ?? '', /control characters/);
    for (const cure of [nameCure, (value: string) => valueCure('X-A', value)]) {
      assert.equal(cure('a'.repeat(65_536)), undefined);
      assert.match(cure('a'.repeat(65_537)) ?? '', /at most 65536 characters/);
    }
    assert.equal(valueCure('Host', '[2001:db8::1]:80'), undefined);
    for (const value of ['', 'a b', 'a:b', 'a/b'])
      assert.match(valueCure('Host', value) ?? '', /^a host/);
  });
});
