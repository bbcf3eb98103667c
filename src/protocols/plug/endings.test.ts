// The endings of a plug: what its records say.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TRUNCATED } from '../../proxy/truncation.ts';
import { brokenBy, endedBy, ENDINGS } from './endings.ts';

describe('the endings of a plug', () => {
  it('say which side it was, and how', () => {
    assert.deepEqual(ENDINGS.ended.server, endedBy('server'));
    assert.equal(endedBy('client#2').reason, 'plug.client#2-ended');
    assert.equal(brokenBy('client', 'ECONNRESET').reason, 'plug.client-reset');
    assert.equal(ENDINGS.broken('server', TRUNCATED).reason, 'plug.server-truncated');
    assert.equal(ENDINGS.broken('server', TRUNCATED).verdict, 'accepted');
  });
});
