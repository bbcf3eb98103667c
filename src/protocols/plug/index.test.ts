import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { sourceOf } from '../../proxy/source-location.ts';
import { plugProxy } from './index.ts';

describe('plugProxy()', () => {
  it('is a frozen object of the policy that knows where it was made', () => {
    const plug = plugProxy();
    assert.ok(Object.isFrozen(plug));
    assert.equal(plug.name, 'plug');
    assert.equal(plug.tellsRefusals, false);
    assert.equal(sourceOf(plug)?.file, import.meta.filename);
    assert.deepEqual(faultsOf(plug), []);
  });

  it('remembers faults and does not throw', () => {
    const options: object = { timeoutMs: -1, bufferSize: 1500 };
    const plug = plugProxy(options);
    const paths = faultsOf(plug).map(({ path }) => path);
    assert.deepEqual(paths.sort(), ['bufferSize', 'timeoutMs']);
  });

  it('explains what it does', () => {
    assert.equal(
      plugProxy().explain(),
      'copies bytes to the server and to the client without looking at them, ends after 600000 ms without traffic, closes each direction by itself',
    );
    const quiet = plugProxy({
      copyToServer: false,
      copyToClient: false,
      timeoutMs: 1000,
      shutdownSoft: false,
      statistics: { everyMs: 100, check: () => accept() },
    });
    assert.equal(
      quiet.explain(),
      'throws away all bytes, ends after 1000 ms without traffic, ends when either side ends, asks the policy every 100 ms whether to go on',
    );
  });
});
