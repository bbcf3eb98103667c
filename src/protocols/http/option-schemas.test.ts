import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { methodOrStar, whole, yesOrNo } from './option-schemas.ts';

/** What to give instead of a value; undefined if it is right. */
function cureOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

describe('whole()', () => {
  it('takes whole numbers within its bounds', () => {
    for (const value of [1, 2, 3]) assert.equal(cureOf(whole(1, 3), value), undefined);
    assert.equal(cureOf(whole(0), Number.MAX_SAFE_INTEGER), undefined);
  });

  it('says both bounds, or the one that it was given', () => {
    for (const value of [0, 4, 1.5, '2'])
      assert.equal(cureOf(whole(1, 3), value), 'give a whole number of 1 to 3');
    assert.equal(cureOf(whole(1), 0), 'give a whole number of at least 1');
  });
});

describe('yesOrNo', () => {
  it('takes nothing but true and false', () => {
    assert.equal(cureOf(yesOrNo, false), undefined);
    for (const value of [0, 'yes', null])
      assert.equal(cureOf(yesOrNo, value), 'give true or false');
  });
});

describe('methodOrStar()', () => {
  it('takes tokens and the star', () => {
    for (const name of ['GET', 'get', 'X-1', '*'])
      assert.equal(cureOf(methodOrStar('GET'), name), undefined);
  });

  it('takes none that no request can have', () => {
    assert.equal(cureOf(methodOrStar('GET'), 'A'.repeat(32)), undefined);
    assert.match(cureOf(methodOrStar('GET'), 'A'.repeat(33)) ?? '', /at most 32 characters/);
  });

  it('says how a method is written', () => {
    for (const name of ['', 'GET ', 'G,T', 'PUT|DELETE', 'PROP*', '^GET$'])
      assert.equal(
        cureOf(methodOrStar('POST'), name),
        'write a method as it is sent, such as POST, or *',
      );
  });
});
