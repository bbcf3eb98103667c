// One attempt a port, and nothing of one that was given up.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SERVER_DOWN } from '../../test/support/playbook-events.ts';
import { PumpWorld, SERVER_ADDRESS } from '../../test/support/pump-world.ts';
import { ConnectAttempts } from './connect-attempts.ts';
import type { ServerResult } from './pump-host.ts';

function make(): { host: PumpWorld; attempts: ConnectAttempts; results: ServerResult[] } {
  const host = new PumpWorld({});
  return { host, attempts: new ConnectAttempts(host), results: [] };
}

describe('connect attempts', () => {
  it('tell what came of them, once', () => {
    const { host, attempts, results } = make();
    attempts.start('server', undefined, (result) => results.push(result));
    host.connectFails();
    host.connectFails();
    assert.deepEqual(results, [{ ok: false, failure: SERVER_DOWN }]);
  });

  it('give an earlier one of the same port up', () => {
    const { host, attempts, results } = make();
    attempts.start('server', undefined, (result) => results.push(result));
    attempts.start('server', { host: 'b', port: 1 }, (result) => results.push(result));
    attempts.start('server#1', undefined, (result) => results.push(result));
    assert.deepEqual(
      host.connects.map(({ isGivenUp }) => isGivenUp),
      [true, false, false],
    );
    const late = host.stream();
    host.connects[0]?.done({ ok: true, stream: late, address: SERVER_ADDRESS });
    assert.deepEqual(late.calls, ['destroy']);
    assert.deepEqual(results, []);
  });

  it('are given up one by one, or all', () => {
    const { host, attempts, results } = make();
    for (const port of ['server', 'server#1', 'server#2'] as const)
      attempts.start(port, undefined, (result) => results.push(result));
    attempts.giveUp('server#1');
    attempts.giveUp('server#7');
    assert.deepEqual(
      host.connects.map(({ isGivenUp }) => isGivenUp),
      [false, true, false],
    );
    attempts.giveUpAll();
    assert.ok(host.connects.every(({ isGivenUp }) => isGivenUp));
    for (const { done } of host.connects) done({ ok: false, failure: SERVER_DOWN });
    assert.deepEqual(results, []);
  });
});
