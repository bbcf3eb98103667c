// PROXY headers under laws of their own: whatever a load balancer sends, however it is cut, the header is read in one way, and
// its client loses no byte; what is no header begins no session, and nothing is left of it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from '../../src/proxy/proxy-header.ts';
import { writeProxyHeader } from '../../src/proxy/write-proxy-header.ts';
import { socketAddresses } from '../support/arbitraries-addresses.ts';
import { chunkSizes } from '../support/arbitraries.ts';
import { toBytes, toText } from '../support/latin1.ts';
import { BALANCER, headerWorld } from '../support/proxy-header-world.ts';
import { tryAll, tryAllAsync } from './run-law.ts';

const BEGINNINGS = [
  'PROXY ',
  'PROXY UNKNOWN\r\n',
  'PROXY TCP4 10.1.2.3 203.0.113.80 1 2\r\n',
  '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x13\x0a\x01\x02\x03\xcb\0\x71\x50\0\x01\0\x02\x03\0\x04',
];

const bytes = fc.uint8Array({ maxLength: 60 });
const headers = fc.oneof(
  fc.constantFrom(...BEGINNINGS).map(toBytes),
  fc
    .tuple(fc.constantFrom(1 as const, 2 as const), socketAddresses(), socketAddresses())
    .map(([version, client, local]) => writeProxyHeader(version, { client, local })),
);
const mutated = fc.tuple(headers, fc.nat(), fc.nat(255)).map(([header, place, byte]) => {
  const changed = Uint8Array.from(header);
  changed[place % changed.length] = byte;
  return changed;
});
const connections = fc
  .tuple(fc.oneof(headers, mutated, bytes), bytes)
  .map(([header, rest]) => Uint8Array.from([...header, ...rest]));

/** The same bytes in pieces of these sizes. */
function cut(all: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < all.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? Infinity);
    pieces.push(all.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('a PROXY header', () => {
  it('is incomplete until it is decided, within its bound, and never decided otherwise', () => {
    tryAll(fc.tuple(connections, fc.nat(255)), ([all, byte]) => {
      const endless = Buffer.concat([all, Buffer.alloc(MAX_PROXY_HEADER_BYTES, byte)]);
      const whole = readProxyHeader(endless);
      assert.notEqual(whole.state, 'incomplete');
      for (let length = 0; length <= all.length; length++) {
        const reading = readProxyHeader(endless.subarray(0, length));
        if (reading.state !== 'incomplete') assert.deepEqual(reading, whole);
      }
      if (whole.state === 'complete') assert.ok(whole.length <= MAX_PROXY_HEADER_BYTES);
    });
  });

  it('is taken off the connection of its client, and nothing else is', async () => {
    await tryAllAsync(fc.tuple(connections, chunkSizes), async ([all, sizes]) => {
      const world = headerWorld();
      const stream = world.accept(BALANCER);
      for (const piece of cut(all, sizes)) {
        stream.says(toText(piece));
        await world.settle();
      }
      stream.ends();
      await world.settle();
      const reading = readProxyHeader(all);
      const [record] = world.log.records;
      const isTaken = reading.state === 'complete';
      if (record?.reason === 'done') {
        assert.ok(isTaken);
        const said = stream.output.slice(stream.output.indexOf('|') + 1);
        assert.equal(said, toText(all.subarray(reading.length)));
      } else {
        assert.equal(stream.output, '');
        assert.equal(record?.reason.startsWith('proxy-protocol.'), !isTaken, record?.reason);
      }
      world.abortAll();
      await world.settle();
      assert.deepEqual(world.leftovers(), []);
      assert.equal(world.log.records.length, 1);
    });
  });
});
