import assert from 'node:assert/strict';
import { it } from 'node:test';
import { spellings } from './spellings.ts';

it('spellings() have a dash or a line at each place', () => {
  assert.deepEqual(spellings('Proxy'), ['Proxy']);
  assert.deepEqual(spellings('A-B-C'), ['A-B-C', 'A-B_C', 'A_B-C', 'A_B_C']);
});
