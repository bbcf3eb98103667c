import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from './ip-address.ts';
import { Subnet } from './subnet.ts';

const word = fc.oneof(fc.constantFrom(0, 0xffff_ffff), fc.nat(0xffff_ffff));
const ipv4 = fc.tuple(word).map((words) => IpAddress.fromWords('ipv4', words));
const ipv6 = fc
  .tuple(word, word, word, word)
  .map((words) => IpAddress.fromWords('ipv6', words))
  .filter((address) => !address.isIpv4Mapped);
const anySubnet = fc.oneof(
  fc.tuple(ipv4, fc.nat(32)).map(([address, length]) => new Subnet(address, length)),
  fc.tuple(ipv6, fc.nat(128)).map(([address, length]) => new Subnet(address, length)),
);

/** A subnet and an address that differs from its own in one bit: in or out by a hair. */
const subnetAndNeighbour = fc.tuple(anySubnet, fc.nat()).map(([subnet, position]) => {
  const { address } = subnet;
  const bit = position % address.bitLength;
  const words = address.words.map((part, index) =>
    index === bit >>> 5 ? (part ^ (0x8000_0000 >>> (bit & 31))) >>> 0 : part,
  );
  return { subnet, bit, neighbour: IpAddress.fromWords(address.family, words) };
});

describe('Subnet.parse()', () => {
  it('keeps the address as written and knows its network, broadcast and netmask', () => {
    const subnet = Subnet.parse('192.168.0.1/24');
    assert.equal(subnet.address.toString(), '192.168.0.1');
    assert.equal(subnet.prefixLength, 24);
    assert.equal(subnet.network.toString(), '192.168.0.0');
    assert.equal(subnet.broadcast.toString(), '192.168.0.255');
    assert.equal(subnet.netmask.toString(), '255.255.255.0');
  });

  it('knows them for IPv6 too', () => {
    const subnet = Subnet.parse('2001:db8:aaaa:bbbb::1/50');
    assert.equal(subnet.address.toString(), '2001:db8:aaaa:bbbb::1');
    assert.equal(subnet.network.toString(), '2001:db8:aaaa:8000::');
    assert.equal(subnet.broadcast.toString(), '2001:db8:aaaa:bfff:ffff:ffff:ffff:ffff');
    assert.equal(subnet.netmask.toString(), 'ffff:ffff:ffff:c000::');
  });

  it('reads an address alone as a host', () => {
    assert.equal(Subnet.parse('192.0.2.7').toString(), '192.0.2.7/32');
    assert.equal(Subnet.parse('2001:db8::7').toString(), '2001:db8::7/128');
    assert.ok(Subnet.parse('192.0.2.7').isHost);
    assert.ok(!Subnet.parse('192.0.2.7/31').isHost);
  });

  it('refuses a prefix that is not a plain number of the family', () => {
    for (const prefix of [
      '',
      '33',
      '-1',
      '+8',
      '08',
      ' 8',
      '8 ',
      '8/8',
      '0x8',
      '255.0.255.0',
      '1e1',
    ]) {
      assert.throws(() => Subnet.parse(`10.0.0.0/${prefix}`), {
        name: 'SyntaxError',
        message: `Cannot parse subnet "10.0.0.0/${prefix}": prefix must be 0-32, without sign or leading zeros`,
      });
    }
    assert.throws(() => Subnet.parse('2001:db8::/129'), /prefix must be 0-128/);
  });

  it('says which prefix a netmask is', () => {
    const masks = [
      ['10.0.0.0/255.0.0.0', 'write 10.0.0.0/8'],
      ['10.1.2.3/255.255.255.255', 'write 10.1.2.3/32'],
      ['0.0.0.0/0.0.0.0', 'write 0.0.0.0/0'],
      ['10.0.0.0/255.0.255.0', 'prefix must be 0-32, without sign or leading zeros'],
      ['10.0.0.0/0.0.0.255', 'prefix must be 0-32, without sign or leading zeros'],
      ['2001:db8::/255.0.0.0', 'prefix must be 0-128, without sign or leading zeros'],
    ];
    for (const [text = '', cure = ''] of masks)
      assert.throws(() => Subnet.parse(text), {
        message: `Cannot parse subnet "${text}": ${cure}`,
      });
  });

  it('refuses a bad address, with the cure for it', () => {
    assert.throws(() => Subnet.parse('010.0.0.0/8'), {
      name: 'SyntaxError',
      message: 'Cannot parse subnet "010.0.0.0/8": write each number without leading zeros',
    });
    assert.throws(() => Subnet.parse('10.0.0/8'), /write four decimal numbers/);
    assert.throws(() => Subnet.parse('[2001:db8::]/32'), /leave out the brackets/);
  });

  it('refuses IPv4-mapped addresses, which no peer has, and says how to write them', () => {
    const cures = [
      ['::ffff:192.0.2.128/128', '192.0.2.128/32'],
      ['::ffff:c000:280', '192.0.2.128/32'],
      ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
      ['::ffff:0:0/96', '0.0.0.0/0'],
    ] as const;
    for (const [text, cure] of cures) {
      assert.throws(() => Subnet.parse(text), {
        name: 'SyntaxError',
        message: `Cannot parse subnet "${text}": write it as IPv4: ${cure}`,
      });
    }
  });

  it('takes an IPv6 subnet around the mapped addresses', () => {
    assert.equal(Subnet.parse('::ffff:0:0/95').toString(), '::fffe:0:0/95');
    assert.equal(Subnet.parse('::/0').toString(), '::/0');
  });

  it('reads back what toString() writes', () => {
    fc.assert(
      fc.property(anySubnet, (subnet) => {
        assert.ok(Subnet.parse(subnet.toString()).equals(subnet));
      }),
    );
  });
});

describe('Subnet.tryParse()', () => {
  it('is parse() without the error', () => {
    assert.equal(Subnet.tryParse('10.0.0.1/8')?.toString(), '10.0.0.0/8');
    for (const text of ['', '/8', '10.0.0.0/', '10.0.0.0/33', '::ffff:10.0.0.0/104']) {
      assert.equal(Subnet.tryParse(text), undefined);
    }
  });
});

describe('new Subnet()', () => {
  it('is a host without a prefix length', () => {
    assert.equal(new Subnet(IpAddress.parse('10.0.0.1')).toString(), '10.0.0.1/32');
    assert.equal(new Subnet(IpAddress.parse('::1')).toString(), '::1/128');
  });

  it('refuses a prefix length that the family does not have', () => {
    assert.throws(() => new Subnet(IpAddress.parse('10.0.0.1'), 33), RangeError);
    assert.throws(() => new Subnet(IpAddress.parse('10.0.0.1'), 8.5), RangeError);
  });

  it('refuses IPv4-mapped addresses', () => {
    assert.throws(() => new Subnet(IpAddress.parse('::ffff:10.0.0.0'), 104), {
      name: 'RangeError',
      message: 'Cannot make subnet ::ffff:10.0.0.0/104: write it as IPv4: 10.0.0.0/8',
    });
  });
});

describe('Subnet.contains()', () => {
  it('finds its edges inside and their neighbours outside', () => {
    const subnet = Subnet.parse('10.0.0.0/8');
    for (const text of ['10.0.0.0', '10.255.255.255']) {
      assert.ok(subnet.contains(IpAddress.parse(text)), text);
    }
    for (const text of ['9.255.255.255', '11.0.0.0', '::ffff:10.0.0.0']) {
      assert.ok(!subnet.contains(IpAddress.parse(text)), text);
    }
  });

  it('compares an address up to the prefix and no further', () => {
    fc.assert(
      fc.property(subnetAndNeighbour, ({ subnet, bit, neighbour }) => {
        assert.ok(subnet.contains(subnet.address));
        assert.equal(subnet.contains(neighbour), bit >= subnet.prefixLength);
      }),
    );
  });

  it('agrees with net.BlockList', () => {
    fc.assert(
      fc.property(subnetAndNeighbour, ({ subnet, neighbour }) => {
        fc.pre(!neighbour.isIpv4Mapped); // a BlockList takes those for IPv4
        const blockList = new BlockList();
        const { family } = neighbour;
        blockList.addSubnet(subnet.network.toString(), subnet.prefixLength, family);
        assert.equal(subnet.contains(neighbour), blockList.check(neighbour.toString(), family));
      }),
    );
  });

  it('contains a subnet when it contains both of its ends', () => {
    fc.assert(
      fc.property(subnetAndNeighbour, fc.nat(128), ({ subnet, neighbour }, length) => {
        fc.pre(length <= neighbour.bitLength && !neighbour.isIpv4Mapped);
        const other = new Subnet(neighbour, length);
        const expected = subnet.contains(other.network) && subnet.contains(other.broadcast);
        assert.equal(subnet.contains(other), expected);
      }),
    );
  });

  it('never crosses families', () => {
    const [ipv4All, ipv6All] = [Subnet.parse('0.0.0.0/0'), Subnet.parse('::/0')];
    assert.ok(!ipv4All.contains(ipv6All));
    assert.ok(!ipv6All.contains(ipv4All));
    assert.ok(!ipv4All.contains(IpAddress.parse('::')));
    assert.ok(!ipv6All.contains(IpAddress.parse('0.0.0.0')));
  });
});

describe('Subnet.equals()', () => {
  it('ignores host bits', () => {
    assert.ok(Subnet.parse('192.168.0.1/24').equals(Subnet.parse('192.168.0.2/24')));
    assert.ok(!Subnet.parse('192.168.0.0/24').equals(Subnet.parse('192.168.0.0/25')));
    assert.ok(!Subnet.parse('0.0.0.0/0').equals(Subnet.parse('::/0')));
  });
});
