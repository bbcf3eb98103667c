import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { sourceOf } from '../../proxy/source-location.ts';
import { fingerProxy } from './index.ts';

describe('fingerProxy()', () => {
  it('is a frozen object of the policy that knows where it was made', () => {
    const finger = fingerProxy();
    assert.ok(Object.isFrozen(finger));
    assert.equal(finger.name, 'finger');
    assert.equal(finger.tellsRefusals, true);
    assert.equal(sourceOf(finger)?.file, import.meta.filename);
    assert.deepEqual(faultsOf(finger), []);
  });

  it('remembers faults and does not throw', () => {
    const options: object = { maxHopCount: -1, maxHops: 1 };
    const paths = faultsOf(fingerProxy(options)).map(({ path }) => path);
    assert.deepEqual(paths.sort(), ['maxHopCount', 'maxHops']);
  });

  it('explains what it does', () => {
    assert.equal(
      fingerProxy().explain(),
      'finger: all requests, plain names of up to 8 characters; forwarded to up to 0 hosts; answers in lines of up to 132 bytes',
    );
    const open = fingerProxy({
      maxHopCount: 'unlimited',
      strictUsernameCheck: false,
      fingerRequest: () => accept(),
    });
    assert.match(
      open.explain(),
      /requests by a function, names of .*; forwarded to any number of hosts/,
    );
  });
});
