import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept, drop, reject } from '../../../proxy/policy-action.ts';
import { readSettings } from '../settings.ts';

describe('the settings of strict header checking', () => {
  it('are off, and drop what is unknown', () => {
    const { settings } = readSettings({});
    assert.equal(settings.strictHeaderChecking, false);
    assert.deepEqual(settings.strictHeaderCheckingAction, drop());
  });

  it('take the three actions that there are for a field', () => {
    assert.deepEqual(readSettings({ strictHeaderCheckingAction: accept() }).faults, []);
    // @ts-expect-error -- this is what is refused
    const { faults } = readSettings({ strictHeaderCheckingAction: reject() });
    assert.equal(faults[0]?.cure, 'give accept(), drop() or abort()');
  });
});
