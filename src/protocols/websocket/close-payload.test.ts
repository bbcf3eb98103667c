import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkClose, closePayload } from './close-payload.ts';

describe('checkClose()', () => {
  const payload = (code: number): Uint8Array => closePayload(code, 'bye');

  it('takes nothing, and every code that may be sent', () => {
    checkClose(Buffer.alloc(0), 'client');
    for (const code of [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 4999])
      checkClose(payload(code), 'server');
  });

  it('refuses codes that are never sent, half a code, and reasons that are no text', () => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535])
      assert.throws(() => checkClose(payload(code), 'server'), {
        code: 'websocket.bad-close',
        side: 'server',
      });
    assert.throws(() => checkClose(Buffer.from([3]), 'client'), { code: 'websocket.bad-close' });
    assert.throws(() => checkClose(Buffer.from('03e8ff', 'hex'), 'client'), {
      code: 'websocket.bad-utf8',
    });
  });
});

describe('closePayload()', () => {
  it('cuts a reason between two characters', () => {
    assert.equal(Buffer.from(closePayload(1000, 'ok')).toString('hex'), '03e86f6b');
    const long = Buffer.from(closePayload(1000, 'a'.repeat(122) + '\u00e9')).subarray(2);
    assert.equal(long.toString(), 'a'.repeat(122));
    assert.equal(closePayload(1000, '\u00e9'.repeat(100)).length, 124);
    checkClose(closePayload(1000, '\u{1f600}'.repeat(100)), 'client');
  });
});
