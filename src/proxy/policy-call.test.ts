import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  allOf,
  callPolicy,
  disregard,
  invalidResult,
  isPromise,
  settledValue,
  thrownStack,
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

describe('an answer of a policy function', () => {
  const cannot = (): never => {
    throw new Error('not now');
  };
  const getters = ['then', 'action', 'status', 'request', 'kind', 'name', 'data'];
  const answers: readonly object[] = [
    ...getters.map((name) => Object.defineProperty({}, name, { get: cannot })),
    Object.defineProperty({ action: 'reject' }, 'text', { get: cannot }),
    new Proxy({}, { get: cannot, has: cannot, getPrototypeOf: cannot }),
  ];

  it('that throws when it is read is a fault of the function', () => {
    for (const answer of answers)
      for (const call of [
        () => callPolicy('connect policy', () => answer),
        () => settledValue('connect policy', { ok: true, value: answer }),
      ])
        assert.throws(call, { message: 'The connect policy failed: not now' });
  });

  it('is no action with a text that is none', () => {
    for (const text of [7, 10n, Symbol('t'), { toString: cannot }])
      assert.throws(() => callPolicy('connect policy', () => ({ action: 'reject', text })), {
        code: 'policy.invalid-result',
        message: /^The connect policy returned "an action with a text of type/,
      });
  });

  it('is no action with a text that is too long to be shown', () => {
    const answer = { action: 'reject', text: 'x'.repeat(65_537) };
    assert.throws(() => callPolicy('connect policy', () => answer), {
      code: 'policy.invalid-result',
      message:
        'The connect policy returned "an action with a text that is too long": return one of at most 65536 characters',
    });
  });

  it('may be thrown, and a Proxy, too', () => {
    const thrown = new Proxy({}, { get: cannot, getPrototypeOf: cannot });
    assert.throws(() => callPolicy('connect policy', failing(thrown)), {
      code: 'policy.function-failed',
      message: 'The connect policy failed: something that cannot be shown',
    });
  });
});

describe('thrownStack()', () => {
  it('is a text, or nothing', () => {
    assert.match(thrownStack(DATABASE) ?? '', /^Error: no database\n/);
    const get = (): never => {
      throw new Error('none');
    };
    for (const stack of [{ value: 10n }, { value: Symbol('s') }, { get }])
      assert.equal(thrownStack(Object.defineProperty(new Error(), 'stack', stack)), undefined);
    for (const error of [7, null, new Proxy({}, { getPrototypeOf: get })])
      assert.equal(thrownStack(error), undefined);
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
    assert.match(message, /^The request policy returned "x{10,80}/);
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
