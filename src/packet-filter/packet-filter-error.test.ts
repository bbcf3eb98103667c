import assert from 'node:assert/strict';
import { it } from 'node:test';
import { PacketFilterError } from './packet-filter-error.ts';

it('a fault of the packet filter has a code and a sentence', () => {
  const cause = new Error('x');
  const error = new PacketFilterError('nft.missing', 'There is no nft: install it', { cause });
  assert.deepEqual(
    [error.name, error.code, error.message, error.cause],
    ['PacketFilterError', 'nft.missing', 'There is no nft: install it', cause],
  );
});
