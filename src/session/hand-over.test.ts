import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { callSoon, handOver } from './hand-over.ts';
import type { ServerResult } from './pump-host.ts';

const address = SocketAddress.parse('192.0.2.1:22');

describe('callSoon()', () => {
  it('calls once it has returned, unless that was given up', async () => {
    const calls: string[] = [];
    callSoon(() => calls.push('called'));
    callSoon(() => calls.push('given up'))();
    assert.deepEqual(calls, []);
    await Promise.resolve();
    assert.deepEqual(calls, ['called']);
  });
});

describe('handOver()', () => {
  it('hands a server over once it has returned, or lets it go', async () => {
    const stream = new FakeStream();
    const results: ServerResult[] = [];
    handOver({ ok: true, stream, address }, (result) => results.push(result));
    assert.equal(results.length, 0);
    await Promise.resolve();
    assert.deepEqual(results, [{ ok: true, stream, address }]);
    handOver({ ok: true, stream, address }, () => assert.fail('It was given up'))();
    await Promise.resolve();
    assert.deepEqual(stream.calls, ['destroy']);
    const failure = { reason: 'a', message: 'b', verdict: 'denied-by-policy' } as const;
    handOver({ ok: false, failure }, (result) => results.push(result));
    await Promise.resolve();
    assert.deepEqual(results.at(-1), { ok: false, failure });
  });
});
