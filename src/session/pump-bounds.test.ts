// The bounds of a pump: a child leaves the end to its parent.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { act, connectedWorld } from '../../test/support/pump-world.ts';
import { BOUNDED_BY_PARENT, OWN_BOUNDS } from './pump-bounds.ts';

describe('the bounds of a pump', () => {
  it('end a session of its own after its time to linger', () => {
    const { world, server } = connectedWorld({ received: [act.close()] });
    world.client.says('x');
    world.settle();
    world.clock.advance(OWN_BOUNDS.lingerMs - 1);
    assert.equal(server.calls.includes('destroy'), false);
    world.clock.advance(1);
    assert.equal(server.calls.includes('destroy'), true);
  });

  it('let a child end only with its parent', () => {
    assert.equal(BOUNDED_BY_PARENT.lingerMs, Infinity);
    assert.equal(BOUNDED_BY_PARENT.maxDiscardedBytes, Infinity);
  });
});
