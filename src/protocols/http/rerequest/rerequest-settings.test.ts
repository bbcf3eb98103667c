import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { faultsOf } from '../../../proxy/policy-fault.ts';
import type { HttpOptions } from '../http-options.ts';
import { httpProxy } from '../index.ts';
import { rerequestShape } from './rerequest-settings.ts';

describe('what a policy says about requests that are sent again', () => {
  it('may be nothing: they are sent once, and only methods that may be repeated count', () => {
    const settings = z.strictObject(rerequestShape).parse({});
    assert.equal(settings.rerequestAttempts, 0);
    assert.equal(settings.maxSpooledBytes, 65_536);
    const methods = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'];
    assert.deepEqual([...settings.rerequestMethods], methods);
  });

  it('may name any methods', () => {
    assert.deepEqual(faultsOf(httpProxy({ rerequestMethods: ['POST', 'M-SEARCH'] })), []);
  });

  for (const options of [
    { rerequestAttempts: 11 },
    { rerequestAttempts: -1 },
    { maxSpooledBytes: 16_777_217 },
    { rerequestMethods: 'POST' },
  ])
    it(`has a fault with ${JSON.stringify(options)}`, () => {
      const [fault] = faultsOf(httpProxy(options as unknown as HttpOptions));
      assert.equal(fault?.path, Object.keys(options)[0]);
    });

  for (const [method, cure] of [
    ['CONNECT', 'a tunnel is not a request'],
    ['*', 'name each method'],
    ['A B', 'the name of a method'],
    ['', 'the name of a method'],
  ] as const)
    it(`has a fault with the method '${method}'`, () => {
      const [fault] = faultsOf(httpProxy({ rerequestMethods: ['GET', method] }));
      assert.equal(fault?.path, 'rerequestMethods[1]');
      assert.match(fault.cure, new RegExp(cure));
    });
});
