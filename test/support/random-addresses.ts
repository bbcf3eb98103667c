// Random addresses of a world so small that random subnets nest in it and random addresses meet them.

import fc from 'fast-check';

/** Addresses of a few bits. */
export const ipv4Text: fc.Arbitrary<string> = fc
  .tuple(fc.nat(1), fc.nat(1), fc.nat(3))
  .map(([a, b, c]) => `10.${a}.${b}.${c}`);

/** The same of the other family. */
export const ipv6Text: fc.Arbitrary<string> = fc
  .tuple(fc.nat(1), fc.nat(3))
  .map(([a, b]) => `2001:db8:${a}::${b}`);

/** An address of either family. */
export const addressText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: ipv4Text },
  ipv6Text,
);

/** An address that somebody may name: also one of this machine itself, or one with an IPv4 address in it. */
export const namedText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: addressText },
  fc.constantFrom('127.0.0.1', '::1', '0.0.0.0', '64:ff9b::a00:1'),
);

/** One of the four ports that there are. */
export const port: fc.Arbitrary<number> = fc.integer({ min: 1, max: 4 });

/** A socket address; port 0 is among the ports. */
export const socketText: fc.Arbitrary<string> = fc
  .tuple(addressText, fc.nat(4))
  .map(([address, number]) => socketOf(address, number));

/** The text of a socket address. */
export function socketOf(address: string, number: number): string {
  return address.includes(':') ? `[${address}]:${number}` : `${address}:${number}`;
}

/** A subnet of a family. */
export function subnetOf(family: 'ipv4' | 'ipv6'): fc.Arbitrary<string> {
  const [address, lengths] =
    family === 'ipv4'
      ? [ipv4Text, [0, 0, 8, 8, 15, 16, 24, 31, 32]]
      : [ipv6Text, [0, 32, 32, 48, 127, 128]];
  return fc.tuple(address, fc.constantFrom(...lengths)).map((parts) => parts.join('/'));
}

/** A subnet of either family. */
export const subnetText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: subnetOf('ipv4') },
  { weight: 4, arbitrary: subnetOf('ipv6') },
  fc.constantFrom('64:ff9b::/96', '127.0.0.0/8', '::1/128'),
);

/** Mostly nothing. */
export function seldom<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, value);
}
