// NAT to addresses that the policy lists: one, a random one of several, or one for each.

import { z } from 'zod';
import { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { ipAddress, oneOrMore, socketAddress } from './fields.ts';
import type { Nat, NatPair, Translation } from './nat.ts';
import { endOf, rangesByEnd, refusedBecause, translatedInto, UNMAPPED } from './nat.ts';

/** Options of `staticNat`. */
export interface StaticNatOptions {
  /** Such as `'192.0.2.1:0'`. Port 0: any port for `snat`, the port that the client asked for with `dnat`. */
  readonly address: string;
}

/** Options of `randomNat`. */
export interface RandomNatOptions {
  /** Such as `['192.0.2.1:0', '192.0.2.2:0']`. */
  readonly addresses: string | readonly string[];
  /** Whether the same client always gets the same address for the same server. Default: true. */
  readonly sticky?: boolean;
}

/** Options of `hashNat`. */
export interface HashNatOptions {
  /** Addresses and what they become: `{ '10.0.0.1': '192.0.2.1' }`. */
  readonly mapping: Readonly<Record<string, string>>;
  /** Whether an address that is not listed is refused, or left as it is. Default: true. */
  readonly defaultReject?: boolean;
}

const NO_ADDRESS = 'give an address and a port, such as "192.0.2.1:0"';
const staticSchema = z.strictObject({ address: socketAddress });
registerOptions('staticNat', staticSchema);

/**
 * Always the same address and port.
 * @example service('web', { proxy: httpProxy(), snat: staticNat({ address: '192.0.2.1:0' }) });
 */
export function staticNat(options: StaticNatOptions): Nat {
  const { settings, faults } = checkSettings(staticSchema, options, { address: '0.0.0.0:0' });
  const { address } = settings;
  const result: Translation = { outcome: 'translated', address };
  const made: Nat = {
    kind: 'nat',
    type: 'static',
    isByTargetAlone: true,
    ranges: rangesByEnd([{ inside: undefined, translated: new Subnet(address.address) }], {
      otherwise: 'unmapped',
      port: address.port,
    }),
    translate: () => result,
    explain: () => `static NAT: ${String(address)}`,
  };
  return declare(made, staticNat, faults);
}

const randomSchema = z.strictObject({
  addresses: oneOrMore(socketAddress, NO_ADDRESS),
  sticky: z.boolean({ error: 'give true or false' }).default(true),
});
registerOptions('randomNat', randomSchema);

/**
 * One of several addresses, each as likely as the others. A sticky one is chosen by the addresses of client and server,
 * so that it stays with them as in the original, for as long as the list stays, and nothing has to be remembered.
 * @example service('web', { proxy: httpProxy(), snat: randomNat({ addresses: ['192.0.2.1:0', '192.0.2.2:0'] }) });
 */
export function randomNat(options: RandomNatOptions): Nat {
  const { settings, faults } = checkSettings(randomSchema, options, { addresses: '0.0.0.0:0' });
  const { addresses, sticky } = settings;
  const results = addresses.map((address): Translation => ({ outcome: 'translated', address }));
  const choice = sticky ? 'the same for the same client and server' : 'at random';
  const made: Nat = {
    kind: 'nat',
    type: 'random',
    isByTargetAlone: addresses.length === 1,
    ranges: undefined,
    translate: (pair, _direction, draw) => {
      const place = sticky ? hashOf(pair) : draw;
      return results[Math.floor(place * results.length)] ?? UNMAPPED;
    },
    explain: () => `random NAT: one of ${addresses.join(', ')}, ${choice}`,
  };
  return declare(made, randomNat, faults);
}

/** A number of [0, 1) that depends on nothing but the two addresses: MurmurHash3 (x86, 32 bits) over their words. */
function hashOf({ source, destination }: NatPair): number {
  let hash = 0;
  for (const word of wordsOf(source?.address)) hash = mixIn(hash, word);
  for (const word of wordsOf(destination?.address)) hash = mixIn(hash, word);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

function wordsOf(address: IpAddress | undefined): readonly number[] {
  return address === undefined ? [] : [address.words.length, ...address.words];
}

function mixIn(hash: number, word: number): number {
  const scrambled = Math.imul(rotate(Math.imul(word, 0xcc9e_2d51), 15), 0x1b87_3593);
  return (Math.imul(rotate(hash ^ scrambled, 13), 5) + 0xe654_6b64) | 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

const NO_TABLE = 'give addresses and what they become, such as { "10.0.0.1": "192.0.2.1" }';
const hashSchema = z.strictObject({
  mapping: z
    .record(z.string(), ipAddress, { error: NO_TABLE })
    .transform((table, { issues }): ReadonlyMap<string, IpAddress> => {
      const byAddress = new Map<string, IpAddress>();
      for (const [key, translated] of Object.entries(table)) {
        const name = IpAddress.tryParse(key)?.unmapped().toString();
        const message =
          name === undefined ? NO_TABLE : `name ${name} only once, and in this way of writing it`;
        if (name === undefined || byAddress.has(name))
          issues.push({ code: 'custom', message, input: key, path: [key] });
        else byAddress.set(name, translated);
      }
      return byAddress;
    }),
  defaultReject: z.boolean({ error: 'give true or false' }).default(true),
});
registerOptions('hashNat', hashSchema);

/**
 * One address for each that is listed. The port is kept for `dnat`, and any for `snat`.
 * @example service('web', { proxy: httpProxy(), dnat: hashNat({ mapping: { '203.0.113.1': '10.99.0.80' } }) });
 */
export function hashNat(options: HashNatOptions): Nat {
  const { settings, faults } = checkSettings(hashSchema, options, { mapping: {} });
  const { mapping, defaultReject } = settings;
  const lines = [...mapping].map(([from, to]) => `${from} as ${String(to)}`);
  const made: Nat = {
    kind: 'nat',
    type: 'hash',
    isByTargetAlone: true,
    ranges: rangesByEnd(
      [...mapping].map(([from, translated]) => ({
        inside: Subnet.parse(from),
        translated: new Subnet(translated),
      })),
      { otherwise: defaultReject ? 'refused' : 'unmapped' },
    ),
    translate: (pair, direction) => {
      const end = endOf(pair, direction);
      if (end === undefined) return UNMAPPED;
      const found = mapping.get(end.address.toString());
      if (found !== undefined) return translatedInto(found, direction === 'snat' ? 0 : end.port);
      return defaultReject ? refusedBecause(`No NAT is for ${String(end.address)}`) : UNMAPPED;
    },
    explain: () =>
      `NAT by address: ${lines.join(', ')}; others ${defaultReject ? 'are refused' : 'stay as they are'}`,
  };
  return declare(made, hashNat, faults);
}
