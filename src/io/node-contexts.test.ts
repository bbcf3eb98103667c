import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeContexts } from './node-contexts.ts';

// That contexts are as they are planned is seen in tls-stream.test.ts, and their exchange in exchangeable-context.test.ts.
describe('contexts of Node', () => {
  it('cannot be exchanged where Node has no way to', () => {
    assert.equal(nodeContexts.exchangeOf({ context: {} }), undefined);
  });
});
