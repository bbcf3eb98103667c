import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpPlan } from '../../../test/support/http-heads.ts';
import type { ProxyAction } from '../../proxy/engine.ts';
import { PhaseTimer } from './phase-timer.ts';

describe('PhaseTimer', () => {
  it('measures heads in all and bodies by their pauses', () => {
    const timer = new PhaseTimer(
      httpPlan({ timeoutMs: 3, timeoutRequestMs: 1, timeoutResponseMs: 2 }).settings,
    );
    const out: ProxyAction[] = [];
    timer.forRequest(out);
    timer.forResponse(out);
    timer.forBody(out);
    timer.disarm(out);
    assert.deepEqual(
      out.map((action) => (action.type === 'timer' ? [action.afterMs, action.mode] : undefined)),
      [
        [1, 'total'],
        [2, 'total'],
        [3, 'idle'],
        [undefined, 'total'],
      ],
    );
  });
});
