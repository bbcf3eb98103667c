import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figure } from './figure.ts';

describe('a figure', () => {
  for (const [value, text] of [
    [0.0812, '0.081'],
    [1, '1.0'],
    [99.4, '99'],
    [99.9, '100'],
    [123.4, '123'],
    [999.9, '1,000'],
    [26_491, '26,491'],
  ] as const)
    it(`of ${value} is ${text}`, () => {
      assert.equal(figure(value), text);
    });
});
