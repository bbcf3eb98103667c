import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translationOf } from '../../test/support/nat-pairs.ts';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import type { Nat } from './nat.ts';
import { hashNat, randomNat, staticNat } from './nat-addresses.ts';

const PAIR = { source: '10.1.2.3:4000', destination: '192.0.2.9:80' };
const ADDRESSES = ['198.51.100.1:0', '198.51.100.2:0', '198.51.100.3:0', '198.51.100.4:0'];

describe('staticNat()', () => {
  it('is always the same address with its port, also where an end is not known', () => {
    const nat = staticNat({ address: '198.51.100.1:25' });
    for (const direction of ['snat', 'dnat'] as const) {
      assert.equal(translationOf(nat, direction, PAIR), '198.51.100.1:25');
      assert.equal(translationOf(nat, direction, {}), '198.51.100.1:25');
    }
    assert.equal(nat.isByTargetAlone, true);
    assert.equal(nat.explain(), 'static NAT: 198.51.100.1:25');
  });
});

describe('randomNat()', () => {
  it('that is sticky stays with the pair of addresses, whatever the ports and the draw', () => {
    const nat = randomNat({ addresses: ADDRESSES });
    const first = translationOf(nat, 'snat', PAIR, 0);
    const same = { source: '10.1.2.3:4999', destination: '192.0.2.9:8080' };
    for (const draw of [0, 0.3, 0.6, 0.999]) {
      assert.equal(translationOf(nat, 'snat', same, draw), first);
      assert.equal(translationOf(nat, 'dnat', same, draw), first);
    }
  });

  it('that is sticky spreads pairs evenly, by either of their addresses', () => {
    const nat = randomNat({ addresses: ADDRESSES });
    const byClient = (index: number): object => ({ source: `10.1.${index >> 8}.${index % 256}:1` });
    const byServer = (index: number): object => ({
      destination: `[2001:db8::${index.toString(16)}]:1`,
    });
    for (const vary of [byClient, byServer]) {
      const counts = new Map<string, number>();
      for (let index = 0; index < 4000; index++) {
        const chosen = translationOf(nat, 'snat', { ...PAIR, ...vary(index) });
        counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
      }
      // Each gets 1000 of 4000; for independent choices the standard deviation is 27.
      for (const address of ADDRESSES)
        assert.ok(Math.abs((counts.get(address) ?? 0) - 1000) < 140, JSON.stringify([...counts]));
    }
  });

  it('that is not sticky goes by the draw', () => {
    const nat = randomNat({ addresses: ADDRESSES, sticky: false });
    const chosen = [0, 0.25, 0.5, 0.999_999].map((draw) => translationOf(nat, 'dnat', PAIR, draw));
    assert.deepEqual(chosen, ADDRESSES);
    assert.equal(nat.isByTargetAlone, false);
    assert.equal(randomNat({ addresses: '198.51.100.1:0' }).isByTargetAlone, true);
    assert.match(nat.explain(), /one of 198\.51\.100\.1:0, .*, at random$/);
  });
});

describe('hashNat()', () => {
  const mapping = { '10.1.2.3': '198.51.100.1', '192.0.2.9': '2001:db8::9' };

  it('keeps the port of the server, and leaves that of the source open', () => {
    const nat = hashNat({ mapping });
    assert.equal(translationOf(nat, 'snat', PAIR), '198.51.100.1:0');
    assert.equal(translationOf(nat, 'dnat', PAIR), '[2001:db8::9]:80');
    assert.equal(translationOf(nat, 'dnat', {}), 'unmapped');
  });

  it('refuses what is not listed in both directions, or leaves it as it is', () => {
    const others = { source: '10.1.2.4:1', destination: '192.0.2.10:80' };
    for (const direction of ['snat', 'dnat'] as const) {
      assert.equal(translationOf(hashNat({ mapping }), direction, others), 'refused');
      const lenient = hashNat({ mapping, defaultReject: false });
      assert.equal(translationOf(lenient, direction, others), 'unmapped');
    }
    assert.match(hashNat({ mapping }).explain(), /10\.1\.2\.3 as 198\.51\.100\.1.*are refused/);
  });

  it('finds an address in whatever way it is written', () => {
    const nat = hashNat({ mapping: { '2001:DB8:0:0::1': '::1' } });
    assert.equal(translationOf(nat, 'dnat', { destination: '[2001:db8::1]:80' }), '[::1]:80');
  });
});

describe('faults of NAT by addresses', () => {
  const faulty: [call: string, make: () => Nat, path: string, cure: RegExp][] = [
    ['staticNat(', () => staticNat(wrong({})), 'address', /give an address and a port/],
    ['staticNat(', () => staticNat({ address: '10.0.0.1' }), 'address', /write address and port/],
    ['randomNat(', () => randomNat({ addresses: [] }), 'addresses', /give an address and a port/],
    ['randomNat(', () => randomNat(wrong({ addresses: ADDRESSES, sticky: 1 })), 'sticky', /true/],
    ['hashNat(', () => hashNat(wrong({ mapping: ['10.0.0.1'] })), 'mapping', /what they become/],
    [
      'hashNat(',
      () => hashNat({ mapping: { '10.0.0.1': '10.0.0' } }),
      'mapping.10.0.0.1',
      /four decimal/,
    ],
    [
      'hashNat(',
      () => hashNat({ mapping: { '10.0.0.1': '::ffff:10.0.0.2' } }),
      'mapping.10.0.0.1',
      /as IPv4: 10\.0\.0\.2/,
    ],
    [
      'hashNat(',
      () => hashNat({ mapping: { 'a.example': '10.0.0.1' } }),
      'mapping.a.example',
      /give addresses/,
    ],
    [
      'hashNat(',
      () => hashNat({ mapping: { '::1': '10.0.0.1', '0::1': '10.0.0.1' } }),
      'mapping.0::1',
      /name ::1 only once/,
    ],
  ];
  for (const [call, make, path, cure] of faulty)
    it(`are remembered: ${path} of ${call})`, () => {
      const fault = onlyFault(make(), call);
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });
});
