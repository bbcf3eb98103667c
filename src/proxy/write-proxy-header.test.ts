// Headers as the specification shows them, and the reader as a witness of all others.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { socketAddresses } from '../../test/support/arbitraries-addresses.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { readProxyHeader } from './proxy-header.ts';
import { writeProxyHeader } from './write-proxy-header.ts';

function written(version: 1 | 2, client: string, local: string): string {
  const ends = { client: SocketAddress.parse(client), local: SocketAddress.parse(local) };
  return Buffer.from(writeProxyHeader(version, ends)).toString('latin1');
}

describe('a PROXY header for a server', () => {
  it('is a line of text in version 1', () => {
    assert.equal(
      written(1, '192.0.2.1:40000', '198.51.100.1:80'),
      'PROXY TCP4 192.0.2.1 198.51.100.1 40000 80\r\n',
    );
    assert.equal(
      written(1, '[2001:db8::1]:40000', '[::1]:443'),
      'PROXY TCP6 2001:db8::1 ::1 40000 443\r\n',
    );
    assert.equal(
      written(1, '192.0.2.1:40000', '[2001:db8::1]:443'),
      'PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 40000 443\r\n',
    );
  });

  it('is binary in version 2', () => {
    const signature = '\r\n\r\n\0\r\nQUIT\n';
    assert.equal(
      written(2, '192.0.2.1:40000', '198.51.100.1:80'),
      `${signature}\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x01\x9c\x40\0\x50`,
    );
    const mixed = written(2, '[2001:db8::1]:1', '192.0.2.1:2');
    assert.equal(mixed.slice(12, 16), '\x21\x21\0\x24');
    assert.equal(mixed.slice(32), `${'\0'.repeat(10)}\xff\xff\xc0\0\x02\x01\0\x01\0\x02`);
  });

  it('is read as what was written, and without a byte of what follows', () => {
    const versions = fc.constantFrom(1 as const, 2 as const);
    const rests = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(
        versions,
        socketAddresses(),
        socketAddresses(),
        rests,
        (version, client, local, rest) => {
          const header = writeProxyHeader(version, { client, local });
          const reading = readProxyHeader(Buffer.concat([header, rest]));
          assert.ok(reading.state === 'complete');
          assert.equal(reading.length, header.length);
          for (const [end, given] of [
            [reading.ends?.client, client],
            [reading.ends?.local, local],
          ] as const)
            assert.equal(
              String(end),
              String(SocketAddress.of(given.address.unmapped(), given.port)),
            );
        },
      ),
    );
  });
});
