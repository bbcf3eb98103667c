import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  allOf,
  callPolicy,
  disregard,
  invalidResult,
  isPromise,
  settledValue,
  thrownText,
} from './policy-call.ts';
import { PolicyFault } from './violation.ts';

const DATABASE = new Error('no database');

function failing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

function isFault(message: string, cause: unknown): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PolicyFault);
    assert.equal(error.code, 'policy.function-failed');
    assert.equal(error.message, message);
    assert.equal(error.cause, cause);
    return true;
  };
}

describe('callPolicy()', () => {
  it('returns what the function returns', () => {
    assert.equal(
      callPolicy('request policy', () => 7),
      7,
    );
  });

  it('makes a fault of whatever the function throws', () => {
    const check = (error: unknown, message: string) => {
      assert.throws(() => callPolicy('request policy', failing(error)), isFault(message, error));
    };
    check(DATABASE, 'The request policy failed: no database');
    check('no', 'The request policy failed: "no"');
    check(undefined, 'The request policy failed: undefined');
    check(Object.create(null), 'The request policy failed: something that cannot be shown');
  });
});

describe('settledValue()', () => {
  it('is the value of a promise, or the fault of one that failed', () => {
    assert.equal(settledValue('request policy', { ok: true, value: 7 }), 7);
    assert.throws(
      () => settledValue('request policy', { ok: false, error: DATABASE }),
      isFault('The request policy failed: no database', DATABASE),
    );
  });
});

describe('isPromise()', () => {
  it('knows promises and what behaves like one', () => {
    assert.ok(isPromise(Promise.resolve(7)));
    assert.ok(isPromise({ then: () => undefined }));
    for (const value of [undefined, null, 7, 'then', {}, { then: true }])
      assert.ok(!isPromise(value));
  });
});

describe('invalidResult()', () => {
  it('names the function, the value and the cure', () => {
    const fault = invalidResult('request policy', 'accept', 'accept()');
    assert.equal(fault.code, 'policy.invalid-result');
    assert.equal(fault.message, 'The request policy returned "accept": return accept()');
    assert.match(invalidResult('request policy', 7, 'accept()').message, /returned 7:/);
  });

  it('shows no more than the beginning of a value', () => {
    const { message } = invalidResult('request policy', 'x'.repeat(500), 'accept()');
    assert.ok(message.length < 200);
  });
});

describe('thrownText()', () => {
  it('is the message of an error, or a text of anything else, and never throws', () => {
    const broken = Object.defineProperty(new Error(), 'message', { get: () => assert.fail() });
    const odd = Object.assign(new Error(), { message: { toString: () => assert.fail() } });
    assert.deepEqual([DATABASE, 'no', 7, undefined].map(thrownText), [
      'no database',
      'no',
      '7',
      'undefined',
    ]);
    for (const value of [broken, odd, Object.create(null)])
      assert.equal(thrownText(value), 'something that cannot be shown');
  });
});

describe('allOf()', () => {
  const broken = {
    then() {
      throw DATABASE;
    },
  } as PromiseLike<never>;

  it('has what all come to, in their order', async () => {
    const late = new Promise((resolve) => setImmediate(resolve, 1));
    assert.deepEqual(await allOf([late, Promise.resolve(2)]), [1, 2]);
  });

  it('fails with the first that fails, and hears the others, too', async () => {
    const fails = [Promise.reject(DATABASE), Promise.reject(new Error('another'))];
    await assert.rejects(async () => allOf(fails), DATABASE);
    await assert.rejects(async () => allOf([broken, Promise.resolve(1)]), DATABASE);
  });

  it('of what has settled settles at once', () => {
    const seen: unknown[] = [];
    const settled = { then: (resolve: (value: number) => void) => resolve(1) };
    void allOf([settled as unknown as PromiseLike<number>]).then((values) => seen.push(values));
    assert.deepEqual(seen, [[1]]);
  });

  it('is not needed where nobody waits', async () => {
    disregard(Promise.reject(DATABASE));
    disregard(broken);
    await new Promise(setImmediate); // an unheard failure would end the test
  });
});
