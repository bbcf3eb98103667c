// What is live of a session may rest only where it can be made anew.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { sideStackChainer } from '../policy/chainer-side-stack.ts';
import type { ServiceOptions } from '../policy/service.ts';
import { refusalFor } from '../policy/decision.ts';
import type { LiveBeginning } from './live-proxy.ts';
import { LiveProxy } from './live-proxy.ts';

/** How often its owner hears of quiet. */
function told(options: Partial<ServiceOptions>, beginning?: LiveBeginning): number {
  const proxy = proxyOf(() => []);
  const service = serviceOf('web', { proxy, ...options });
  const world = new SessionWorld(revisionOf(service));
  let count = 0;
  const owner = { quiet: () => count++, finished: () => undefined };
  const session = world.session();
  const { runtime } = world;
  new LiveProxy({ ...owner, runtime, session, service }, { handle: () => [] }, beginning).quiet();
  return count;
}

describe('a live proxy', () => {
  it('may rest', () => {
    assert.equal(told({}), 1);
  });

  it('may not while it tells a refusal, or has a proxy beside it', () => {
    assert.equal(told({}, { refusal: refusalFor('test.refused', 'No') }), 0);
    const chainer = sideStackChainer({ proxy: proxyOf(() => []) });
    assert.equal(told({ chainer }), 0);
  });
});
