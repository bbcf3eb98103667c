import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { availabilityChainer } from './chainer-availability.ts';

describe('availabilityChainer()', () => {
  it('checks by TCP every two seconds unless it is told otherwise', () => {
    const made = availabilityChainer();
    assert.deepEqual(
      { ...made },
      {
        ...{ kind: 'chainer', type: 'availability', timeoutConnectMs: 30_000 },
        ...{ check: 'tcp', intervalMs: 2_000, timeoutMs: 2_000 },
        ...{ rise: 2, fall: 3, order: 'failover' },
      },
    );
    assert.ok(Object.isFrozen(made));
    const check = (): boolean => true;
    const own = availabilityChainer({ check, rise: 1, order: 'round-robin' });
    assert.deepEqual([own.check, own.rise, own.order], [check, 1, 'round-robin']);
    assert.deepEqual(faultsOf(own), []);
  });

  const faulty: [options: object, path: string, cure: RegExp][] = [
    [{ check: 'http' }, 'check', /"tcp", or a function/],
    [{ intervalMs: 0 }, 'intervalMs', /at least 1 millisecond/],
    [{ timeoutMs: '5' }, 'timeoutMs', /whole milliseconds/],
    [{ rise: 0 }, 'rise', /1 to 1000/],
    [{ fall: 1.5 }, 'fall', /1 to 1000/],
    [{ fall: 1001 }, 'fall', /1 to 1000/],
    [{ order: 'random' }, 'order', /"failover" or "round-robin"/],
  ];
  for (const [options, path, cure] of faulty)
    it(`remembers what is wrong with ${path}, and does not throw`, () => {
      const fault = onlyFault(availabilityChainer(wrong(options)), 'availabilityChainer(');
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });
});
