import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chosenServer } from './chosen-server.ts';

describe('chosenServer()', () => {
  it('is a host in canonical form and a port, whatever becomes of what was set', () => {
    const set = { host: 'B.Example', port: 80 };
    const chosen = chosenServer(set);
    set.port = 22;
    assert.deepEqual(chosen, { host: 'b.example', port: 80 });
    assert.ok(Object.isFrozen(chosen));
    assert.equal(chosenServer({ host: '2001:db8::1', port: 1 }).host, '2001:db8::1');
  });

  it('is nothing else', () => {
    const hosts = [undefined, '', 'a b', ['b'], 5].map((host) => ({ host, port: 80 }));
    const ports = [undefined, '80', 0, -1, 65_536, 1.5, NaN].map((port) => ({ host: 'b', port }));
    for (const target of [null, 5, 'b.example:80', [], ...hosts, ...ports])
      assert.throws(() => chosenServer(target), {
        code: 'policy.invalid-result',
        message: /set request\.server to host .* and port .*: give \{ host, port \}/,
      });
  });
});
