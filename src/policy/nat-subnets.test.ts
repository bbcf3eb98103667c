import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverOf, translationOf } from '../../test/support/nat-pairs.ts';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import type { Nat } from './nat.ts';
import type { GeneralMapping } from './nat-subnets.ts';
import { generalNat, oneToOneNat } from './nat-subnets.ts';

const tenToTwenty = { to: '10.0.0.0/8', translated: '20.0.0.0/8' };
const eleven = { to: '11.0.0.0/8', translated: '192.168.0.0/24' };
const small = { to: '10.128.0.0/9', translated: '21.0.0.0/9' };

describe('generalNat() (as in the original)', () => {
  const table: [what: string, mapping: GeneralMapping[], vectors: Record<string, string>][] = [
    [
      'one subnet',
      [tenToTwenty],
      {
        '9.255.255.255': 'unmapped',
        '10.0.0.0': '20.0.0.0',
        '10.0.0.1': '20.0.0.1',
        '10.255.255.255': '20.255.255.255',
        '11.0.0.0': 'unmapped',
      },
    ],
    [
      'IPv6',
      [{ to: '1200::/8', translated: '2300::/8' }],
      { '1234::': '2334::', '1300::': 'unmapped' },
    ],
    ['two lines', [tenToTwenty, eleven], { '10.0.0.1': '20.0.0.1', '11.0.0.1': '192.168.0.1' }],
    [
      'overlapping lines, the large one first',
      [tenToTwenty, small],
      { '10.127.255.255': '20.127.255.255', '10.128.0.0': '20.128.0.0' },
    ],
    [
      'overlapping lines, the small one first',
      [small, tenToTwenty],
      { '10.127.255.255': '20.127.255.255', '10.128.0.0': '21.0.0.0' },
    ],
    ['a host part that does not fit', [eleven], { '11.255.255.255': '192.168.0.255' }],
  ];
  for (const [what, mapping, vectors] of table)
    it(`translates ${what}`, () => {
      const nat = generalNat({ mapping });
      assert.deepEqual(faultsOf(nat), []);
      for (const [address, expected] of Object.entries(vectors))
        assert.equal(serverOf(nat, address), expected, address);
    });

  it('looks at both ends, and takes the host part of the one that it translates', () => {
    const nat = generalNat({
      mapping: [
        { from: '10.0.0.0/8', to: '192.0.2.0/24', translated: '172.16.0.0/12' },
        { to: '192.0.2.0/24', translated: '198.51.100.0/24' },
      ],
    });
    const pair = { source: '10.1.2.3:4000', destination: '192.0.2.9:80' };
    assert.equal(translationOf(nat, 'snat', pair), '172.17.2.3:4000');
    assert.equal(translationOf(nat, 'dnat', pair), '172.16.0.9:80');
    assert.equal(
      translationOf(nat, 'dnat', { ...pair, source: '11.1.2.3:4000' }),
      '198.51.100.9:80',
    );
    assert.equal(translationOf(nat, 'dnat', { ...pair, destination: '192.0.3.1:80' }), 'unmapped');
  });

  it('takes an end that is not known for one that fits, and translates none that is not known', () => {
    const nat = generalNat({
      mapping: { from: '10.0.0.0/8', to: '192.0.2.0/24', translated: '20.0.0.0/8' },
    });
    assert.equal(translationOf(nat, 'dnat', { destination: '192.0.2.9:80' }), '20.0.0.9:80');
    assert.equal(translationOf(nat, 'snat', { source: '10.1.1.1:5' }), '20.1.1.1:5');
    assert.equal(translationOf(nat, 'snat', { destination: '192.0.2.9:80' }), 'unmapped');
    assert.equal(translationOf(nat, 'snat', {}), 'unmapped');
  });

  it('depends on the target alone where no line speaks of the client', () => {
    assert.equal(generalNat({ mapping: tenToTwenty }).isByTargetAlone, true);
    const mapping = [tenToTwenty, { from: '10.0.0.0/8', translated: '20.0.0.0/8' }];
    assert.equal(generalNat({ mapping }).isByTargetAlone, false);
  });

  it('refuses at run time what only the other direction could translate', () => {
    const nat = generalNat({
      mapping: { from: '10.0.0.0/8', to: '2001:db8::/32', translated: '192.0.2.0/24' },
    });
    const pair = { source: '10.0.0.1:1', destination: '[2001:db8::1]:80' };
    assert.equal(translationOf(nat, 'snat', pair), '192.0.2.1:1');
    assert.equal(translationOf(nat, 'dnat', pair), 'refused');
  });

  it('says what it does', () => {
    const mapping = [tenToTwenty, { from: '10.0.0.0/8', translated: '192.0.2.1' }];
    assert.equal(
      generalNat({ mapping }).explain(),
      'general NAT: to 10.0.0.0/8 as 20.0.0.0/8, from 10.0.0.0/8 as 192.0.2.1/32',
    );
  });
});

describe('oneToOneNat()', () => {
  const mapping = [
    { from: '10.0.0.0/24', to: '192.0.2.0/24' },
    { from: '2001:db8::/64', to: '2001:db8:1::/64' },
  ];

  it('works both ways and for both families, and keeps the port', () => {
    const nat = oneToOneNat({ mapping });
    const pair = { source: '10.0.0.7:4000', destination: '[2001:db8::7]:80' };
    assert.equal(translationOf(nat, 'snat', pair), '192.0.2.7:4000');
    assert.equal(translationOf(nat, 'dnat', pair), '[2001:db8:1::7]:80');
    assert.equal(translationOf(nat, 'snat', {}), 'unmapped');
  });

  it('refuses what is outside, unless it is told not to', () => {
    const outside = { source: '10.0.1.7:4000' };
    assert.equal(translationOf(oneToOneNat({ mapping }), 'snat', outside), 'refused');
    const lenient = oneToOneNat({ mapping, defaultReject: false });
    assert.equal(translationOf(lenient, 'snat', outside), 'unmapped');
    assert.match(lenient.explain(), /10\.0\.0\.0\/24 to 192\.0\.2\.0\/24.*others stay/);
    assert.match(oneToOneNat({ mapping }).explain(), /others are refused/);
  });
});

describe('faults of NAT by subnets', () => {
  const faulty: [call: string, make: () => Nat, path: string, cure: RegExp][] = [
    ['generalNat(', () => generalNat(wrong({})), 'mapping', /give a mapping/],
    ['generalNat(', () => generalNat({ mapping: [] }), 'mapping', /give a mapping/],
    [
      'generalNat(',
      () => generalNat({ mapping: [tenToTwenty, { ...tenToTwenty, to: '10.0.0.0/33' }] }),
      'mapping[1].to',
      /prefix must be/,
    ],
    [
      'generalNat(',
      () => generalNat({ mapping: [{ to: '10.0.0.0/8', translated: '2001:db8::/32' }] }),
      'mapping[0].translated',
      /nat46\(\) and nat64\(\)/,
    ],
    [
      'generalNat(',
      () => generalNat({ mapping: wrong([{ ...tenToTwenty, source: '10.0.0.0/8' }]) }),
      'mapping[0].source',
      /no such option/,
    ],
    [
      'oneToOneNat(',
      () => oneToOneNat({ mapping: [{ from: '10.0.0.0/24', to: '192.0.2.0/25' }] }),
      'mapping[0].to',
      /same size as 10\.0\.0\.0\/24/,
    ],
    [
      'oneToOneNat(',
      () =>
        oneToOneNat({
          mapping: [
            { from: '10.0.0.0/24', to: '192.0.2.0/24' },
            { from: '10.0.1.0/25', to: '192.0.2.0/25' },
          ],
        }),
      'mapping[1]',
      /one address stands for one other/,
    ],
    [
      'oneToOneNat(',
      () =>
        oneToOneNat(
          wrong({ mapping: { from: '10.0.0.1', to: '192.0.2.1' }, defaultReject: 'yes' }),
        ),
      'defaultReject',
      /true or false/,
    ],
  ];
  for (const [call, make, path, cure] of faulty)
    it(`are remembered: ${path} of ${call})`, () => {
      const fault = onlyFault(make(), call);
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });
});
