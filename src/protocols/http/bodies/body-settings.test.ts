import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../../../proxy/policy-fault.ts';
import type { HttpOptions } from '../http-options.ts';
import { httpProxy } from '../index.ts';
import { readSettings } from '../settings.ts';

describe('what a policy says about bodies', () => {
  it('may be nothing: then they are as long as they are, and trailers are dropped', () => {
    const { maxBodyLength, bodyTooLong, trailers, rechunk } = readSettings({}).settings;
    assert.deepEqual([maxBodyLength, bodyTooLong, trailers, rechunk], [0, 'refuse', 'drop', true]);
  });

  for (const options of [
    { maxBodyLength: -1 },
    { maxChunkLength: 1.5 },
    { bodyTooLong: 'truncate' },
    { trailers: true },
    { rechunk: 'yes' },
  ])
    it(`has a fault with ${JSON.stringify(options)}`, () => {
      const [fault] = faultsOf(httpProxy(options as unknown as HttpOptions));
      assert.equal(fault?.path, Object.keys(options)[0]);
    });
});
