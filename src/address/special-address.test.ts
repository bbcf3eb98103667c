// Which addresses are special, against the registries of IANA, and in every way to write them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from './ip-address.ts';
import { specialBlock } from './special-address.ts';

/** Kind and block of an address, such as `private 10.0.0.0/8`. */
function blockOf(text: string): string {
  const block = specialBlock(IpAddress.parse(text));
  return block === undefined ? 'ordinary' : `${block.kind} ${String(block.subnet)}`;
}

// First and last address of each block, and its neighbours outside where they are ordinary.
const TABLE: readonly (readonly [block: string, ...addresses: string[]])[] = [
  ['this-machine 0.0.0.0/8', '0.0.0.0', '0.255.255.255'],
  ['private 10.0.0.0/8', '10.0.0.0', '10.255.255.255'],
  ['private 100.64.0.0/10', '100.64.0.0', '100.127.255.255'],
  ['this-machine 127.0.0.0/8', '127.0.0.0', '127.255.255.255'],
  ['link-local 169.254.0.0/16', '169.254.0.0', '169.254.255.255'],
  ['metadata 169.254.169.254/32', '169.254.169.254'],
  ['metadata 169.254.170.2/32', '169.254.170.2'],
  ['metadata 168.63.129.16/32', '168.63.129.16'],
  ['metadata 100.100.100.200/32', '100.100.100.200'],
  ['metadata 192.0.0.192/32', '192.0.0.192'],
  ['private 172.16.0.0/12', '172.16.0.0', '172.31.255.255'],
  ['reserved 192.0.0.0/24', '192.0.0.0', '192.0.0.8', '192.0.0.170', '192.0.0.255'],
  ['documentation 192.0.2.0/24', '192.0.2.0', '192.0.2.255'],
  ['reserved 192.88.99.0/24', '192.88.99.0', '192.88.99.255'],
  ['private 192.168.0.0/16', '192.168.0.0', '192.168.255.255'],
  ['reserved 198.18.0.0/15', '198.18.0.0', '198.19.255.255'],
  ['documentation 198.51.100.0/24', '198.51.100.0', '198.51.100.255'],
  ['documentation 203.0.113.0/24', '203.0.113.0', '203.0.113.255'],
  ['multicast 224.0.0.0/4', '224.0.0.0', '239.255.255.255'],
  ['reserved 240.0.0.0/4', '240.0.0.0', '255.255.255.254'],
  ['multicast 255.255.255.255/32', '255.255.255.255'],
  ['this-machine ::/128', '::'],
  ['this-machine ::1/128', '::1'],
  ['private 64:ff9b:1::/48', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['reserved 100::/64', '100::', '100::ffff:ffff:ffff:ffff'],
  ['reserved 100:0:0:1::/64', '100:0:0:1::'],
  ['reserved 2001::/32', '2001::', '2001:0:a09:909::1', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['reserved 2001::/23', '2001:1::3', '2001:10::', '2001:1ff:ffff::'],
  ['reserved 2001:2::/48', '2001:2::'],
  ['documentation 2001:db8::/32', '2001:db8::', '2001:db8:ffff::'],
  ['documentation 3fff::/20', '3fff::', '3fff:fff:ffff::'],
  ['reserved 5f00::/16', '5f00::', '5f00:ffff::'],
  ['private fc00::/7', 'fc00::', 'fd00::1', 'fdff:ffff::'],
  ['metadata fd00:ec2::/48', 'fd00:ec2::254', 'fd00:ec2::23'],
  ['metadata fd20:ce::254/128', 'fd20:ce::254'],
  ['link-local fe80::/10', 'fe80::1', 'febf:ffff::1'],
  ['private fec0::/10', 'fec0::1', 'feff::1'],
  ['multicast ff00::/8', 'ff00::', 'ff02::1', 'ffff::'],
  ['reserved ::/0', '200::', '1fff:ffff::', '4000::', 'fbff::', 'fe00::', '64:ff9b:0:1::'],
];

const ORDINARY = [
  ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...['128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.0.0.9'],
  ...['192.0.0.10', '192.0.1.0', '192.0.3.0', '192.31.196.1', '192.52.193.1', '192.88.98.255'],
  ...['192.167.255.255', '192.169.0.0', '192.175.48.1', '198.17.255.255', '198.20.0.0'],
  ...['223.255.255.255', '168.63.129.17', '8.8.8.8', '2000::1', '2001:1::1', '2001:1::2'],
  ...['2001:3::1', '2001:4:112::1', '2001:20::1', '2001:30::1', '2001:200::1', '2001:db7::1'],
  ...['2001:db9::1', '2620:4f:8000::1', '3fff:1000::1', '2a00:1450:4001::200e', '2003::1'],
];

describe('specialBlock()', () => {
  for (const [block, ...addresses] of TABLE)
    it(`knows ${block}`, () => {
      for (const address of addresses) assert.equal(blockOf(address), block, address);
    });

  it('lets ordinary addresses be', () => {
    for (const address of ORDINARY) assert.equal(blockOf(address), 'ordinary', address);
  });

  it('sees the IPv4 address in every form of IPv6', () => {
    const forms: readonly (readonly [text: string, block: string])[] = [
      ['::ffff:10.9.9.9', 'private 10.0.0.0/8'],
      ['::ffff:a09:909', 'private 10.0.0.0/8'],
      ['::10.9.9.9', 'private ::a00:0/104'],
      ['::ffff:0:10.9.9.9', 'private ::ffff:0:a00:0/104'],
      ['64:ff9b::10.9.9.9', 'private 64:ff9b::a00:0/104'],
      ['64:ff9b::127.0.0.1', 'this-machine 64:ff9b::7f00:0/104'],
      ['64:ff9b::169.254.169.254', 'metadata 64:ff9b::a9fe:a9fe/128'],
      ['64:ff9b::', 'this-machine 64:ff9b::/104'],
      ['2002:a09:909::', 'private 2002:a00::/24'],
      ['2002:a09:909::1', 'private 2002:a00::/24'],
      ['2002:7f00:1::', 'this-machine 2002:7f00::/24'],
      ['2002:c0a8:101::', 'private 2002:c0a8::/32'],
      ['2a00:1::5efe:10.9.9.9', 'private 2a00:1::5efe:a00:0/104'],
      ['2a00:1::200:5efe:10.9.9.9', 'private 2a00:1::200:5efe:a00:0/104'],
      ['fe80::5efe:10.9.9.9', 'private fe80::5efe:a00:0/104'],
    ];
    for (const [text, block] of forms) assert.equal(blockOf(text), block, text);
  });

  it('lets an ordinary address be in the form of NAT64 only', () => {
    assert.equal(blockOf('64:ff9b::8.8.8.8'), 'ordinary');
    assert.equal(blockOf('2a00:1::200:5efe:808:808'), 'ordinary');
    assert.equal(blockOf('::ffff:8.8.8.8'), 'ordinary');
    assert.equal(blockOf('::8.8.8.8'), 'reserved ::/96');
    assert.equal(blockOf('::2:2'), 'this-machine ::/104'); // it stands for 0.2.0.2
    assert.equal(blockOf('::ffff:0:8.8.8.8'), 'reserved ::ffff:0:0:0/96');
    assert.equal(blockOf('2002:808:808::1'), 'reserved 2002::/16');
  });

  it('makes nothing harmless by an IPv4 address of documentation in it', () => {
    assert.equal(blockOf('2002:c000:201::1'), 'reserved 2002::/16');
    assert.equal(blockOf('fe80::5efe:192.0.2.1'), 'link-local fe80::/10');
    assert.equal(blockOf('64:ff9b::192.0.2.1'), 'documentation 64:ff9b::c000:200/120');
  });

  it('has every special address in its block, of which all addresses are as special', () => {
    const anyAddress = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(anyAddress, (bytes) => {
        const address = IpAddress.fromBytes(bytes);
        const block = specialBlock(address);
        if (block !== undefined) assert.ok(block.subnet.contains(address.unmapped()));
      }),
    );
  });

  it('finds in an embedding form what the IPv4 address itself is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        const ipv4 = IpAddress.fromBytes(bytes);
        const nat64 = IpAddress.parse(`64:ff9b::${String(ipv4)}`);
        assert.equal(specialBlock(nat64)?.kind, specialBlock(ipv4)?.kind);
      }),
    );
  });
});
