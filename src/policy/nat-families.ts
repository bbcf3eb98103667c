// NAT between the families: IPv4 addresses embedded in IPv6 ones (RFC 6052, 2.2).

import { z } from 'zod';
import { IpAddress } from '../address/ip-address.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { ipAddress } from './fields.ts';
import type { Nat } from './nat.ts';
import { endOf, refusedBecause, translatedInto, UNMAPPED } from './nat.ts';

/** How many bits of an IPv6 address stand before the embedded IPv4 address (RFC 6052, 2.2). */
export type EmbeddingLength = 32 | 40 | 48 | 56 | 64 | 96;

/** Options of `nat64`. */
export interface Nat64Options {
  /** Default: 96. */
  readonly prefixLength?: EmbeddingLength;
}

/** Options of `nat46`. */
export interface Nat46Options {
  /** Its bits beyond the prefix length do not count. Default: `'64:ff9b::'`, the well-known prefix. */
  readonly prefix?: string;
  /** Default: 96. */
  readonly prefixLength?: EmbeddingLength;
  /** The bits behind the embedded address. Default: `'::'`. */
  readonly suffix?: string;
}

/** Bytes 64 to 71 of such an address are zero, and none of the embedded address: RFC 6052, 2.2. */
const ZERO_BYTE = 8;

const LENGTHS = 'give 32, 40, 48, 56, 64 or 96';
const prefixLength = z.literal([32, 40, 48, 56, 64, 96], { error: LENGTHS }).default(96);
const ipv6 = ipAddress.check(({ value, issues }) => {
  const message = 'give an IPv6 address, such as "64:ff9b::"';
  if (value.family !== 'ipv6') issues.push({ code: 'custom', message, input: String(value) });
});

const nat64Schema = z.strictObject({ prefixLength });
registerOptions('nat64', nat64Schema);

/**
 * The IPv4 address that an IPv6 address has embedded. An IPv4 address is refused.
 * @example service('web', { proxy: httpProxy(), dnat: nat64() });
 */
export function nat64(options: Nat64Options = {}): Nat {
  const { settings, faults } = checkSettings(nat64Schema, options, {});
  const places = embeddedAt(settings.prefixLength);
  const made: Nat = {
    kind: 'nat',
    type: 'nat64',
    isByTargetAlone: true,
    ranges: undefined,
    translate: (pair, direction) => {
      const end = endOf(pair, direction);
      if (end === undefined) return UNMAPPED;
      if (end.address.family !== 'ipv6') return refusedBecause(ONLY_IPV6);
      const bytes = end.address.toBytes();
      const embedded = places.map((place) => bytes[place] ?? 0);
      return translatedInto(IpAddress.fromBytes(Uint8Array.from(embedded)), end.port);
    },
    explain: () => `NAT64: the IPv4 address behind ${String(settings.prefixLength)} bits`,
  };
  return declare(made, nat64, faults);
}

const nat46Schema = z
  .strictObject({
    prefix: ipv6.default(IpAddress.parse('64:ff9b::')),
    prefixLength,
    suffix: ipv6.default(IpAddress.parse('::')),
  })
  .check(({ value, issues }) => {
    const end = Math.max(ZERO_BYTE, ...embeddedAt(value.prefixLength)) + 1;
    // Otherwise suffix and embedded address would be mixed into an address that nobody meant.
    if (value.suffix.toBytes().every((byte, place) => byte === 0 || place >= end)) return;
    const message =
      end === 16
        ? 'leave it out: there is nothing behind the embedded address'
        : `give an address of which only the last ${String(16 - end)} bytes are not zero, those behind the embedded address`;
    issues.push({ code: 'custom', message, input: String(value.suffix), path: ['suffix'] });
  });
registerOptions('nat46', nat46Schema);

/**
 * An IPv6 address in which the IPv4 address is embedded. An IPv6 address is refused.
 * @example service('web', { proxy: httpProxy(), dnat: nat46({ prefix: '2001:db8:122::', prefixLength: 48 }) });
 */
export function nat46(options: Nat46Options = {}): Nat {
  const { settings, faults } = checkSettings(nat46Schema, options, {});
  const places = embeddedAt(settings.prefixLength);
  const frame = frameOf(settings);
  const made: Nat = {
    kind: 'nat',
    type: 'nat46',
    isByTargetAlone: true,
    ranges: undefined,
    translate: (pair, direction) => {
      const end = endOf(pair, direction);
      if (end === undefined) return UNMAPPED;
      if (end.address.family !== 'ipv4') return refusedBecause(ONLY_IPV4);
      const bytes = Uint8Array.from(frame);
      for (const [index, byte] of end.address.toBytes().entries()) bytes[places[index] ?? 0] = byte;
      return translatedInto(IpAddress.fromBytes(bytes), end.port);
    },
    explain: () =>
      `NAT46: the IPv4 address in ${String(IpAddress.fromBytes(frame))}, behind ${String(settings.prefixLength)} bits`,
  };
  return declare(made, nat46, faults);
}

/** Which bytes hold the embedded address: the four behind the prefix, without the one that is always zero. */
function embeddedAt(length: EmbeddingLength): readonly number[] {
  const first = length / 8;
  const places = [0, 1, 2, 3].map((index) => first + index);
  return places.map((place) => (first <= ZERO_BYTE && place >= ZERO_BYTE ? place + 1 : place));
}

/** An address with everything but the embedded one. */
function frameOf({
  prefix,
  prefixLength: length,
  suffix,
}: z.output<typeof nat46Schema>): Uint8Array {
  const front = prefix.toBytes();
  return suffix.toBytes().map((byte, place) => (place < length / 8 ? (front[place] ?? 0) : byte));
}

const ONLY_IPV6 = 'NAT64 is for IPv6 addresses, and this one is IPv4';
const ONLY_IPV4 = 'NAT46 is for IPv4 addresses, and this one is IPv6';
