// Random translations over the addresses of random policies, with what they were made of, so that a model can translate.

import fc from 'fast-check';
import type { Nat } from '../../src/policy/nat.ts';
import { hashNat, randomNat, staticNat } from '../../src/policy/nat-addresses.ts';
import { nat46, nat64 } from '../../src/policy/nat-families.ts';
import type { GeneralMapping } from '../../src/policy/nat-subnets.ts';
import { generalNat, oneToOneNat } from '../../src/policy/nat-subnets.ts';
import {
  addressText,
  ipv4Text,
  ipv6Text,
  seldom,
  socketText,
  subnetOf,
} from './random-addresses.ts';

/** What a NAT is made of. */
export type NatSpec =
  | { readonly type: 'general'; readonly mapping: readonly GeneralMapping[] }
  | { readonly type: 'static'; readonly address: string }
  | { readonly type: 'random'; readonly addresses: readonly string[]; readonly sticky: boolean }
  | {
      readonly type: 'hash';
      readonly mapping: Readonly<Record<string, string>>;
      readonly defaultReject: boolean;
    }
  | {
      readonly type: 'one-to-one';
      readonly from: string;
      readonly to: string;
      readonly defaultReject: boolean;
    }
  | { readonly type: 'nat64' }
  | { readonly type: 'nat46' };

/** Lines whose ends are of the family of what they translate into, or of any. */
const generalLine = fc
  .constantFrom('ipv4' as const, 'ipv6' as const)
  .chain((family) =>
    fc.record({
      from: seldom(subnetOf(family)),
      to: seldom(subnetOf(family)),
      translated: subnetOf(family),
    }),
  )
  .map(({ from, to, translated }): GeneralMapping => ({
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    translated,
  }));

const oneToOne = fc
  .oneof(
    fc.tuple(ipv4Text, ipv4Text, fc.constantFrom(8, 24, 30, 31)),
    fc.tuple(ipv6Text, ipv6Text, fc.constantFrom(32, 48, 127)),
  )
  .map(([from, to, length]) => ({ from: `${from}/${length}`, to: `${to}/${length}` }));

/** A translation of each kind. */
export const natSpec: fc.Arbitrary<NatSpec> = fc.oneof(
  fc.record({
    type: fc.constant('general' as const),
    mapping: fc.array(generalLine, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ type: fc.constant('static' as const), address: socketText }),
  fc.record({
    type: fc.constant('random' as const),
    addresses: fc.array(socketText, { minLength: 1, maxLength: 3 }),
    sticky: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('hash' as const),
    mapping: fc
      .array(fc.tuple(addressText, addressText), { maxLength: 6 })
      .map((lines) => Object.fromEntries(lines)),
    defaultReject: fc.boolean(),
  }),
  fc
    .tuple(oneToOne, fc.boolean())
    .map(([pair, defaultReject]) => ({ type: 'one-to-one' as const, ...pair, defaultReject })),
  fc.constant({ type: 'nat64' as const }),
  fc.constant({ type: 'nat46' as const }),
);

/** Makes it. */
export function natOf(spec: NatSpec): Nat {
  switch (spec.type) {
    case 'general':
      return generalNat({ mapping: spec.mapping });
    case 'static':
      return staticNat({ address: spec.address });
    case 'random':
      return randomNat({ addresses: spec.addresses, sticky: spec.sticky });
    case 'hash':
      return hashNat({ mapping: spec.mapping, defaultReject: spec.defaultReject });
    case 'one-to-one': {
      const { from, to, defaultReject } = spec;
      return oneToOneNat({ mapping: { from, to }, defaultReject });
    }
    case 'nat64':
      return nat64();
    case 'nat46':
      return nat46();
  }
}
