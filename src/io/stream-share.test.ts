// One driver, one budget and one piece of memory for all streams.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { testShare } from '../../test/support/driver-pair.ts';
import { READ_BYTES } from './stream-share.ts';

describe('what streams share', needsDriver(), () => {
  it('is memory to read to, as bytes and as a Buffer', () => {
    const share = testShare();
    share.incoming.bytes[7] = 9;
    for (const length of [8, 264, 8, READ_BYTES, 264]) {
      const bytes = share.incomingOf(length);
      assert.ok(Buffer.isBuffer(bytes));
      assert.deepEqual([bytes.length, bytes[7]], [length, 9]);
    }
  });

  it('sends what was gathered also when no event comes', async () => {
    const share = testShare();
    const sent = await new Promise<number>((resolve) => {
      const sender = { sendGathered: (_address: number, length: number) => resolve(length) };
      share.gathered.claim(sender);
      share.gathered.take(new Uint8Array(5));
    });
    assert.equal(sent, 5);
  });
});
