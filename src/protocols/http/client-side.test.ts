import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProxyAction } from '../../proxy/engine.ts';
import { ClientSide } from './client-side.ts';

describe('ClientSide', () => {
  it('holds the client once while it is busy', () => {
    const client = new ClientSide();
    const out: ProxyAction[] = [];
    assert.equal(client.isReading, true);
    client.busy(out);
    client.busy(out);
    assert.equal(client.isReading, false);
    client.become('body', out);
    client.become('head', out);
    assert.deepEqual(
      out.map(({ type }) => type),
      ['hold', 'release'],
    );
    client.stop();
    assert.equal(client.state, 'leaving');
  });
});
