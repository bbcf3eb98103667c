import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from '../settings.ts';

describe('the settings about old clients and servers', () => {
  it('permit no requests without Host where Host is required', () => {
    const [fault] = readSettings({ permitHttp09Requests: true }).faults;
    assert.equal(fault?.path, 'permitHttp09Requests');
    assert.match(fault.cure, /requireHostHeader/);
    const both = { permitHttp09Requests: true, requireHostHeader: false };
    assert.deepEqual(readSettings(both).faults, []);
  });

  it('permit nothing by default', () => {
    const { permitHttp09Requests, permitHttp09Responses, permitNullResponse } = readSettings(
      {},
    ).settings;
    const all = [permitHttp09Requests, permitHttp09Responses, permitNullResponse];
    assert.deepEqual(all, [false, false, false]);
  });

  it('are true or false', () => {
    // @ts-expect-error -- this is what is refused
    const { faults } = readSettings({ permitNullResponse: 1 });
    assert.equal(faults[0]?.cure, 'give true or false');
  });
});
