import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { message, records } from '../../../test/support/client-hello.ts';
import { helloBytes, MAX_HELLO_BYTES } from './hello-bytes.ts';

describe('helloBytes()', () => {
  it('gives the body, however it is cut into records, and where they end', () => {
    const body = Buffer.from('the body of a message');
    for (const size of [1, 3, 4, 5, 100]) {
      const cut = records(message(body), size);
      const found = helloBytes(Buffer.concat([cut, Buffer.from('what follows')]));
      assert.deepEqual(
        [Buffer.from(found?.body ?? []).toString(), found?.end],
        [String(body), cut.length],
      );
    }
  });

  it('takes the longest hello, and no longer one', () => {
    const longest = records(message(Buffer.alloc(MAX_HELLO_BYTES - 4)));
    assert.equal(helloBytes(longest)?.body.length, MAX_HELLO_BYTES - 4);
    const longer = records(message(Buffer.alloc(MAX_HELLO_BYTES - 3)));
    assert.throws(() => helloBytes(longer.subarray(0, 9)), { message: /too long/ });
  });

  it('waits as long as more may come', () => {
    const whole = records(message(Buffer.from('a body')));
    for (let length = 0; length < whole.length; length++)
      assert.equal(helloBytes(whole.subarray(0, length)), undefined);
  });
});
