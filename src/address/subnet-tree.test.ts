import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from './ip-address.ts';
import { Subnet } from './subnet.ts';
import { SubnetTree } from './subnet-tree.ts';

/** A tree whose values are the texts of its subnets. */
function treeOf(...texts: string[]): SubnetTree<string> {
  const tree = new SubnetTree<string>();
  for (const text of texts) assert.equal(tree.insert(Subnet.parse(text), text), undefined, text);
  return tree;
}

function lookup(tree: SubnetTree<string>, address: string): string | undefined {
  return tree.lookup(IpAddress.parse(address));
}

const NESTED = [
  '192.168.0.0/24',
  '192.168.0.32/27',
  '192.168.0.0/26',
  '192.168.0.64/27',
  '192.168.0.96/27',
  '192.168.0.0/25',
  '192.168.0.0/16',
  ...[1, 2, 3, 4, 5, 6].map((host) => `192.168.1.${host}/32`),
  '192.168.0.184',
];

describe('SubnetTree.lookup()', () => {
  it('finds nothing in an empty tree', () => {
    assert.equal(lookup(treeOf(), '1.2.3.4'), undefined);
    assert.equal(lookup(treeOf(), '::1'), undefined);
  });

  it('finds 0.0.0.0/0 for every IPv4 address', () => {
    const tree = treeOf('0.0.0.0/0');
    for (const address of ['0.0.0.0', '127.0.0.1', '255.255.255.255']) {
      assert.equal(lookup(tree, address), '0.0.0.0/0');
    }
  });

  it('finds a subnet up to its edges', () => {
    const tree = treeOf('10.0.0.0/8');
    assert.equal(lookup(tree, '9.255.255.255'), undefined);
    assert.equal(lookup(tree, '10.0.0.0'), '10.0.0.0/8');
    assert.equal(lookup(tree, '10.255.255.255'), '10.0.0.0/8');
    assert.equal(lookup(tree, '11.0.0.0'), undefined);
  });

  it('finds the most specific of nested subnets, in whatever order they came', () => {
    const expected = {
      '192.168.0.1': '192.168.0.0/26',
      '192.168.0.33': '192.168.0.32/27',
      '192.168.0.65': '192.168.0.64/27',
      '192.168.0.97': '192.168.0.96/27',
      '192.168.0.129': '192.168.0.0/24',
      '192.168.1.129': '192.168.0.0/16',
      '192.168.0.184': '192.168.0.184',
      '192.168.1.6': '192.168.1.6/32',
      '192.169.0.0': undefined,
    };
    const orders = fc.shuffledSubarray(NESTED, { minLength: NESTED.length });
    fc.assert(
      fc.property(orders, (order) => {
        const tree = treeOf(...order);
        for (const [address, subnet] of Object.entries(expected)) {
          assert.equal(lookup(tree, address), subnet, address);
        }
      }),
    );
  });

  it('finds an IPv6 subnet by any of its addresses', () => {
    const tree = treeOf('2001:db8::5566/127');
    assert.equal(lookup(tree, '2001:db8::5566'), '2001:db8::5566/127');
    assert.equal(lookup(tree, '2001:db8::5567'), '2001:db8::5566/127');
    assert.equal(lookup(tree, '2001:db8::5568'), undefined);
  });

  it('finds nothing for IPv6 when only IPv4 has a catch-all, and the other way round', () => {
    assert.equal(lookup(treeOf('0.0.0.0/0'), '::1'), undefined);
    assert.equal(lookup(treeOf('::/0'), '0.0.0.1'), undefined);
  });

  it('finds the longest prefix at the edges of every prefix length', () => {
    for (const address of [
      IpAddress.parse('171.205.171.205'),
      IpAddress.parse('abcd:1234:5678::1'),
    ]) {
      const tree = new SubnetTree<number>();
      const subnets: Subnet[] = [];
      for (let length = 0; length <= address.bitLength; length++) {
        const subnet = new Subnet(address, length);
        tree.insert(subnet, length);
        subnets.push(subnet);
      }
      for (const edge of subnets.flatMap(({ network, broadcast }) => [network, broadcast])) {
        const longest = subnets.findLast((subnet) => subnet.contains(edge))?.prefixLength;
        assert.equal(tree.lookup(edge), longest, edge.toString());
      }
    }
  });
});

describe('SubnetTree.insert()', () => {
  it('reports the equal subnet that is there already, and keeps it', () => {
    const tree = treeOf('192.168.22.0/24', '192.168.22.31/32');
    const again = {
      '192.168.22.0/24': '192.168.22.0/24',
      '192.168.22.31': '192.168.22.31/32',
      '192.168.22.31/32': '192.168.22.31/32',
      '192.168.22.15/24': '192.168.22.0/24',
    };
    for (const [text, present] of Object.entries(again)) {
      assert.equal(tree.insert(Subnet.parse(text), 'intruder'), present, text);
      assert.equal(tree.lookupSubnet(Subnet.parse(text)), present, text);
    }
    assert.equal(tree.size, 2);
  });

  it('takes a subnet next to a more specific one', () => {
    const tree = treeOf('192.168.22.31/32', '192.168.22.30/31');
    assert.equal(tree.size, 2);
    assert.equal(lookup(tree, '192.168.22.30'), '192.168.22.30/31');
    assert.equal(lookup(tree, '192.168.22.31'), '192.168.22.31/32');
  });

  it('fills the place where two branches were joined', () => {
    const tree = treeOf('10.0.0.0/16', '10.1.0.0/16');
    assert.equal(tree.lookupSubnet(Subnet.parse('10.0.0.0/15')), undefined);
    assert.equal(tree.insert(Subnet.parse('10.0.0.0/15'), 'both'), undefined);
    assert.equal(tree.lookupSubnet(Subnet.parse('10.0.0.0/15')), 'both');
    assert.equal(tree.size, 3);
  });

  it('keeps values that are false', () => {
    const tree = new SubnetTree<number | null>();
    tree.insert(Subnet.parse('10.0.0.0/8'), 0);
    tree.insert(Subnet.parse('10.0.0.0/16'), null);
    assert.equal(tree.lookup(IpAddress.parse('10.1.0.0')), 0);
    assert.equal(tree.lookup(IpAddress.parse('10.0.1.0')), null);
    assert.equal(tree.insert(Subnet.parse('10.0.0.0/8'), 1), 0);
  });
});

describe('SubnetTree.lookupSubnet()', () => {
  it('finds the very subnet, not one around or inside it', () => {
    const tree = treeOf('10.0.0.0/8', '10.0.0.0/16');
    assert.equal(tree.lookupSubnet(Subnet.parse('10.9.9.9/8')), '10.0.0.0/8');
    for (const text of ['10.0.0.0/7', '10.0.0.0/9', '10.0.0.0/24', '::/0']) {
      assert.equal(tree.lookupSubnet(Subnet.parse(text)), undefined, text);
    }
  });
});

describe('SubnetTree.matches()', () => {
  it('lists the losers too, most specific first', () => {
    const matches = treeOf(...NESTED).matches(IpAddress.parse('192.168.0.33'));
    assert.deepEqual(
      matches.map(({ value }) => value),
      ['192.168.0.32/27', '192.168.0.0/26', '192.168.0.0/25', '192.168.0.0/24', '192.168.0.0/16'],
    );
  });

  it('gives each subnet as it was inserted', () => {
    const subnet = Subnet.parse('10.1.2.3/8');
    const tree = new SubnetTree<string>();
    tree.insert(subnet, 'intranet');
    assert.deepEqual(tree.matches(IpAddress.parse('10.0.0.1')), [{ subnet, value: 'intranet' }]);
  });
});

describe('SubnetTree', () => {
  // Few different bits, so that random subnets nest, touch and repeat.
  const word = fc.constantFrom(
    0,
    1,
    2,
    0x0a00_0000,
    0x0a00_0001,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
  );
  const ipv4 = fc.tuple(word).map((words) => IpAddress.fromWords('ipv4', words));
  const ipv6 = fc.tuple(word, word, word, word).map((words) => IpAddress.fromWords('ipv6', words));
  const anySubnet = fc.oneof(
    fc.tuple(ipv4, fc.nat(32)).map(([address, length]) => new Subnet(address, length)),
    fc.tuple(ipv6, fc.nat(128)).map(([address, length]) => new Subnet(address, length)),
  );

  it('answers as a scan of all its subnets does', () => {
    const subnets = fc.array(anySubnet, { maxLength: 60 });
    const addresses = fc.array(fc.oneof(ipv4, ipv6), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(subnets, addresses, (inserted, strangers) => {
        const tree = new SubnetTree<Subnet>();
        const kept: Subnet[] = [];
        for (const subnet of inserted) {
          const present = kept.find((other) => other.equals(subnet));
          assert.equal(tree.insert(subnet, subnet), present);
          if (present === undefined) kept.push(subnet);
        }
        assert.equal(tree.size, kept.length);

        const edges = kept.flatMap(({ network, broadcast }) => [network, broadcast]);
        for (const address of [...strangers, ...edges]) {
          const holders = kept
            .filter((subnet) => subnet.contains(address))
            .sort((one, other) => other.prefixLength - one.prefixLength);
          assert.equal(tree.lookup(address), holders[0]);
          assert.deepEqual(
            tree.matches(address).map(({ subnet }) => subnet),
            holders,
          );
        }
        for (const subnet of kept) assert.equal(tree.lookupSubnet(subnet), subnet);
      }),
      { numRuns: 300 },
    );
  });
});
