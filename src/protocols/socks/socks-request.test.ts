import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SocksRefused } from './socks-request.ts';

it('a refusal has its last bytes and its code', () => {
  const refused = new SocksRefused(Uint8Array.of(5, 255), 'socks.no-method', 'No way');
  assert.deepEqual(
    [refused.name, refused.code, refused.message],
    ['SocksRefused', 'socks.no-method', 'No way'],
  );
  assert.deepEqual(refused.reply, Uint8Array.of(5, 255));
});
