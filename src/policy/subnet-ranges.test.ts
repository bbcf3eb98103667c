import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { NONE } from './best-rules.ts';
import { SubnetRanges } from './subnet-ranges.ts';

/** The place of the longest subnet with an address, and of the next wider around a subnet, by looking at all. */
function longest(subnets: readonly Subnet[], address: IpAddress, below = 129): number {
  let best = NONE;
  for (const [place, subnet] of subnets.entries())
    if (
      subnet.prefixLength < below &&
      subnet.contains(address) &&
      subnet.prefixLength > (subnets[best]?.prefixLength ?? -1)
    )
      best = place;
  return best;
}

function rangesOf(subnets: readonly Subnet[]): SubnetRanges {
  const around = subnets.map((one) => longest(subnets, one.network, one.prefixLength));
  return new SubnetRanges(subnets, around);
}

const NEAR = [0, 1, 2, 127, 128, 255, 256, 0xffff, 0x1_0000, 0x0a00_0000, 0x7fff_ffff, 2 ** 31];
const words = fc.oneof(
  fc.constantFrom(...NEAR, ...NEAR.map((word) => 2 ** 32 - 1 - word)),
  fc.nat(600),
);
const subnets = fc.uniqueArray(
  fc
    .tuple(words, fc.nat(32))
    .map(([word, length]) => new Subnet(IpAddress.fromWords('ipv4', [word]), length)),
  { selector: (subnet) => `${subnet.network.word0}/${subnet.prefixLength}`, maxLength: 40 },
);

describe('SubnetRanges', () => {
  it('finds the longest subnet with an address', () => {
    const property = fc.property(subnets, fc.array(words, { minLength: 30 }), (list, asked) => {
      const ranges = rangesOf(list);
      for (const word of asked)
        assert.equal(ranges.find(word), longest(list, IpAddress.fromWords('ipv4', [word])));
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('passes over subnets of IPv6', () => {
    const list = ['::/0', '10.0.0.0/8', '2001:db8::/32'].map((text) => Subnet.parse(text));
    const ranges = new SubnetRanges(list, [NONE, NONE, 0]);
    assert.equal(ranges.find(0x0a01_0203), 1);
    assert.equal(ranges.find(0x2001_0db8), NONE);
    assert.equal(ranges.find(0), NONE);
  });
});
