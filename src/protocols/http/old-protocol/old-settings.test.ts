import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from '../settings.ts';

describe('the settings about old servers', () => {
  it('permit nothing by default', () => {
    const { permitHttp09Responses, permitNullResponse } = readSettings({}).settings;
    assert.deepEqual([permitHttp09Responses, permitNullResponse], [false, false]);
  });

  it('are true or false', () => {
    // @ts-expect-error -- this is what is refused
    const { faults } = readSettings({ permitNullResponse: 1 });
    assert.equal(faults[0]?.cure, 'give true or false');
  });
});
