import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { sourceOf } from '../../proxy/source-location.ts';
import { webSocketProxy } from './index.ts';

describe('webSocketProxy()', () => {
  it('is a frozen object of the policy that knows where it was made', () => {
    const made = webSocketProxy();
    assert.ok(Object.isFrozen(made));
    assert.equal(made.name, 'websocket');
    assert.equal(sourceOf(made)?.file, import.meta.filename);
    assert.deepEqual(faultsOf(made), []);
  });

  it('remembers faults and does not throw', () => {
    const options: object = { timeoutMs: -1, origin: 'x' };
    const paths = faultsOf(webSocketProxy(options)).map(({ path }) => path);
    assert.deepEqual(paths.sort(), ['origin', 'timeoutMs']);
  });

  it('explains what it does', () => {
    assert.equal(
      webSocketProxy().explain(),
      'WebSocket: text, binary, ping, pong, messages of up to 1048576 bytes, all of them, ends after 600000 ms without traffic',
    );
    assert.match(
      webSocketProxy({ message: () => accept(), frames: ['text'] }).explain(),
      /^WebSocket: text, messages of .* decided by a function/,
    );
    assert.match(webSocketProxy({ maxMessageLength: 0 }).explain(), /messages of any length/);
  });
});
