import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../../../proxy/policy-fault.ts';
import type { HttpOptions } from '../http-options.ts';
import { httpProxy } from '../index.ts';
import { readSettings } from '../settings.ts';
import { bodyChildren, explainBodyStacks, isBodyStack } from './stack-settings.ts';

const proxy = httpProxy();
const DEFAULTS = readSettings({}).settings;
const [A, B, C] = ['a', 'b', 'c'].map((name) => ({ kind: 'service', name, proxy }) as const);
if (A === undefined || B === undefined || C === undefined) throw new Error('three children');

describe('who looks at bodies', () => {
  it('is known to the policy, each once', () => {
    const made = httpProxy({
      connect: A,
      requestStack: { POST: { data: B }, PUT: 'none', '*': () => 'none' },
      responseStack: { GET: { mime: B } },
      stacks: [C],
    });
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual(made.stacks, [A, B, C]);
    assert.deepEqual(bodyChildren(DEFAULTS), []);
  });

  it('is explained', () => {
    const text = explainBodyStacks({
      ...DEFAULTS,
      requestStack: { POST: { data: B }, PUT: 'none' },
      responseStack: { GET: { mime: C }, '*': () => 'none' },
    });
    assert.equal(
      text,
      '; bodies of requests (POST) to b; bodies of requests (PUT) to nobody; ' +
        'bodies of responses (GET) with their header to c; ' +
        'bodies of responses (*) to what a function chooses',
    );
    assert.equal(explainBodyStacks(DEFAULTS), '');
  });

  it('is nothing else', () => {
    for (const value of [undefined, null, 'all', {}, { data: 'x' }, { data: A, mime: A }, { x: A }])
      assert.equal(isBodyStack(value), false);
  });

  for (const [options, path] of [
    [{ requestStack: { POST: { data: 'clamav' } } }, 'requestStack.POST'],
    [{ responseStack: { 'GET ': 'none' } }, 'responseStack'],
    [{ stacks: [1] }, 'stacks'],
    [{ maxDecodedRatio: 0 }, 'maxDecodedRatio'],
    [{ undecodableBodies: 'drop' }, 'undecodableBodies'],
  ] as const)
    it(`has a fault at ${path}`, () => {
      const [fault] = faultsOf(httpProxy(options as unknown as HttpOptions));
      assert.ok(fault?.path.startsWith(path), JSON.stringify(fault));
    });
});
