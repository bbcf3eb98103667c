import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { handOver } from './hand-over.ts';

const address = SocketAddress.parse('192.0.2.1:22');

describe('handOver()', () => {
  it('hands a server over once it has returned, or lets it go', async () => {
    const stream = new FakeStream();
    const results: unknown[] = [];
    handOver({ stream, address }, (result) => results.push(result));
    assert.deepEqual(results, []);
    await Promise.resolve();
    assert.deepEqual(results, [{ ok: true, stream, address }]);
    handOver({ stream, address }, () => assert.fail('It was given up'))();
    await Promise.resolve();
    assert.deepEqual(stream.calls, ['destroy']);
  });
});
