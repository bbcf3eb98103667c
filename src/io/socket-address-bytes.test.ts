// Addresses as bytes: the layout of ip(7) and ipv6(7), and back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { AF_INET, AF_INET6, AF_NETLINK } from './linux-constants.ts';
import {
  familyNumber,
  readScope,
  readSocketAddress,
  SOCKET_ADDRESS_BYTES,
  writeSocketAddress,
} from './socket-address-bytes.ts';

const OFFSET = 8;

function written(text: string, scope?: number): { hex: string; view: DataView } {
  const bytes = new Uint8Array(OFFSET + SOCKET_ADDRESS_BYTES).fill(0xee);
  const view = new DataView(bytes.buffer);
  const length = writeSocketAddress(view, OFFSET, SocketAddress.parse(text), scope);
  return { hex: Buffer.from(bytes.subarray(OFFSET, OFFSET + length)).toString('hex'), view };
}

describe('socket addresses as bytes', () => {
  it('are written as the kernel reads them', () => {
    assert.equal(written('192.0.2.1:80').hex, '02000050c00002010000000000000000');
    assert.equal(
      written('[2001:db8::1]:443', 3).hex,
      '0a0001bb0000000020010db800000000000000000000000103000000',
    );
  });

  it('are IPv4 where an IPv4-mapped address is written or read', () => {
    assert.equal(written('[::ffff:192.0.2.1]:80').hex, written('192.0.2.1:80').hex);
    assert.equal(familyNumber(IpAddress.parse('::ffff:192.0.2.1')), AF_INET);
    assert.equal(familyNumber(IpAddress.parse('192.0.2.1')), AF_INET);
    assert.equal(familyNumber(IpAddress.parse('::1')), AF_INET6);
    const { view } = written('[2001:db8::1]:80');
    view.setUint32(OFFSET + 8, 0);
    view.setUint32(OFFSET + 16, 0xffff);
    view.setUint32(OFFSET + 20, 0xc000_0201);
    assert.equal(String(readSocketAddress(view, OFFSET)), '192.0.2.1:80');
  });

  it('come back as they were written', () => {
    const words = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat());
    const address = fc.oneof(
      fc.nat().map((word) => new IpAddress('ipv4', [word, 0, 0, 0])),
      words.map((all) => new IpAddress('ipv6', all)),
    );
    fc.assert(
      fc.property(address, fc.nat(65_535), (ip, port) => {
        const wanted = new SocketAddress(ip.unmapped(), port);
        const { view } = written(String(new SocketAddress(ip, port)));
        assert.ok(readSocketAddress(view, OFFSET)?.equals(wanted));
      }),
    );
  });

  it('have the interface of a link-local address', () => {
    assert.equal(readScope(written('[fe80::1]:1', 7).view, OFFSET), 7);
    assert.equal(readScope(written('[fe80::1]:1').view, OFFSET), 0);
    assert.equal(readScope(written('192.0.2.1:1').view, OFFSET), 0);
  });

  it('are nothing in another family', () => {
    const { view } = written('192.0.2.1:1');
    view.setUint16(OFFSET, AF_NETLINK, true);
    assert.equal(readSocketAddress(view, OFFSET), undefined);
  });
});
