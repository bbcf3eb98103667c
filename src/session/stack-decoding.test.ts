// A child before which its contents are decoded: what it sees, and what its parent is told of contents that break a bound.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { act } from '../../test/support/pump-world.ts';
import type { SessionHandler, SessionWorld } from '../../test/support/session-world.ts';
import { stackedWorld } from '../../test/support/stacked-world.ts';
import { until } from '../../test/support/system-wait.ts';
import type { ContentDecoding } from '../proxy/content-decoding.ts';

const BOUNDS: ContentDecoding = { coding: 'gzip', plainBytes: 2, maxRatio: 100, maxBytes: 0 };

/** A parent that gives what the server says to its child, decoded, and notes what it is told of it. */
function parent(told: string[]): SessionHandler {
  return (event) => {
    if (event.type === 'started') return [act.connect()];
    if (event.type === 'connected')
      return [{ ...act.stack({ kind: 'service', name: 'inner' }), decode: BOUNDS }];
    if (event.type === 'stacked') return [act.relay('server', 'stack-client')];
    if (event.type === 'ended' && event.from === 'server') return [act.end('stack-client')];
    if (event.type === 'stack-content-verdict') told.push(event.verdict.reason ?? 'none');
    return [];
  };
}

/** Lets the streams go on until something has happened; the threads of the decoder take their own time. */
function settled(world: SessionWorld, hasHappened: () => boolean): Promise<unknown> {
  return until('the child', async () => {
    await world.settle();
    return hasHappened();
  });
}

describe('a child whose contents are decoded', () => {
  it('sees them decoded, and their end', async () => {
    const seen: string[] = [];
    const handle: SessionHandler = (event) => {
      if (event.type === 'received') seen.push(Buffer.from(event.bytes).toString());
      if (event.type === 'ended') seen.push('the end');
      return [];
    };
    const { server, world } = stackedWorld(() => handle, { parent: parent([]) });
    server.says(Buffer.concat([Buffer.from('H:'), gzipSync('body')]));
    server.ends();
    await settled(world, () => seen.includes('the end'));
    assert.equal(seen.join(''), 'H:bodythe end');
  });

  it('is cut off from those that are none, and its parent is told why', async () => {
    const told: string[] = [];
    const seen: string[] = [];
    const handle: SessionHandler = (event) => {
      if (event.type === 'ended') seen.push(event.error ?? 'a proper end');
      return [];
    };
    const { server, world } = stackedWorld(() => handle, { parent: parent(told) });
    server.says('H:plain text').ends();
    await settled(world, () => seen.length > 0);
    assert.deepEqual(told, ['content.bad-coding']);
    assert.deepEqual(seen, ['ECONNRESET']);
  });
});
