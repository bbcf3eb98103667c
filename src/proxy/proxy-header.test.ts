// Both versions together: told apart by their first bytes, the same however they are cut, and total.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { socketAddresses } from '../../test/support/arbitraries-addresses.ts';
import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from './proxy-header.ts';
import { writeProxyHeader } from './write-proxy-header.ts';

const BEGINNINGS = [
  'PROXY ',
  'PROXY TCP4 ',
  'PROXY UNKNOWN ',
  '\r\n\r\n\0\r\nQUIT\n',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c',
];

/** Bytes that often begin like a header. */
const nearHeaders = fc
  .tuple(fc.constantFrom('', ...BEGINNINGS), fc.uint8Array({ maxLength: 200 }))
  .map(([beginning, rest]) => Buffer.concat([Buffer.from(beginning, 'latin1'), rest]));

const headers = fc
  .tuple(fc.constantFrom(1 as const, 2 as const), socketAddresses(), socketAddresses())
  .map(([version, client, local]) => writeProxyHeader(version, { client, local }));

/** A header in which one byte may have become another. */
const mutated = fc.tuple(headers, fc.nat(), fc.nat(255)).map(([header, place, byte]) => {
  const bytes = Buffer.from(header);
  bytes[place % bytes.length] = byte;
  return bytes;
});

describe('a PROXY header', () => {
  it('is told by its first bytes', () => {
    for (const text of ['', 'P', 'PROXY', 'PROXY TCP4', '\r', '\r\n\r\n\0\r\nQUIT'])
      assert.equal(readProxyHeader(Buffer.from(text)).state, 'incomplete', text);
    for (const text of ['G', 'PROXI', 'PROXYTCP4', '\r\nG', '\r\n\r\n\0\r\nQUIT\r', '\x05\x01\0'])
      assert.deepEqual(readProxyHeader(Buffer.from(text)), {
        state: 'faulty',
        fault: 'missing',
        message: 'The connection does not begin with a PROXY header',
      });
  });

  it('is the same however it is cut: incomplete until it is decided, and then never another', () => {
    fc.assert(
      fc.property(fc.oneof(nearHeaders, headers, mutated), (bytes) => {
        const whole = readProxyHeader(bytes);
        let isDecided = false;
        for (let length = 0; length <= bytes.length; length++) {
          const reading = readProxyHeader(bytes.subarray(0, length));
          if (isDecided) assert.deepEqual(reading, whole);
          else if (reading.state !== 'incomplete') {
            assert.deepEqual(reading, whole);
            isDecided = true;
          }
        }
        if (whole.state === 'complete') assert.ok(whole.length <= bytes.length);
      }),
    );
  });

  it('is decided within its bound, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(nearHeaders, mutated), fc.nat(255), (bytes, byte) => {
        const filler = Buffer.alloc(MAX_PROXY_HEADER_BYTES, byte);
        const reading = readProxyHeader(Buffer.concat([bytes, filler]));
        assert.notEqual(reading.state, 'incomplete');
        if (reading.state === 'complete') assert.ok(reading.length <= MAX_PROXY_HEADER_BYTES);
      }),
    );
  });
});
