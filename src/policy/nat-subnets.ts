// NAT from subnet to subnet: the host part of an address is placed into another subnet.

import { z } from 'zod';
import { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { oneOrMore, parsed } from './fields.ts';
import type { Nat, NatDirection, NatPair, NatRanges, Translation } from './nat.ts';
import { endOf, rangesByEnd, refusedBecause, translatedInto, UNMAPPED } from './nat.ts';

/** One line of a general NAT: which connections it is for, and what their end becomes. */
export interface GeneralMapping {
  /** Where the connection comes from. Default: anywhere. */
  readonly from?: string;
  /** Where the connection goes to. Default: anywhere. */
  readonly to?: string;
  /** The subnet that takes the host part of the translated end; bits that do not fit are dropped. */
  readonly translated: string;
}

/** Options of `generalNat`. */
export interface GeneralNatOptions {
  /** The first line that fits counts. */
  readonly mapping: GeneralMapping | readonly GeneralMapping[];
}

/** One pair of subnets of the same size. */
export interface OneToOneMapping {
  readonly from: string;
  readonly to: string;
}

/** Options of `oneToOneNat`. */
export interface OneToOneNatOptions {
  readonly mapping: OneToOneMapping | readonly OneToOneMapping[];
  /** Whether an address outside is refused, or left as it is. Default: true. */
  readonly defaultReject?: boolean;
}

const subnet = parsed((text) => Subnet.parse(text), 'give a subnet, such as "10.0.0.0/8"');
const NO_MAPPING = 'give a mapping, such as { from: "10.0.0.0/8", translated: "192.0.2.0/24" }';

const generalLine = z
  .strictObject(
    { from: subnet.optional(), to: subnet.optional(), translated: subnet },
    { error: NO_MAPPING },
  )
  .check(({ value: { from, to, translated }, issues }) => {
    const ends = [from, to].filter((end) => end !== undefined);
    if (ends.length === 0 || ends.some((end) => isSameFamily(end, translated))) return;
    const message =
      'give a subnet of the family that from or to has: nat46() and nat64() change the family';
    issues.push({ code: 'custom', message, input: String(translated), path: ['translated'] });
  });
const generalSchema = z.strictObject({ mapping: oneOrMore(generalLine, NO_MAPPING) });
registerOptions('generalNat', generalSchema);
type GeneralLine = z.output<typeof generalLine>;

/**
 * Places the host part of an end into another subnet: of its source for `snat`, of its destination for `dnat`.
 * @example service('web', { proxy: httpProxy(), dnat: generalNat({ mapping: { to: '203.0.113.0/24', translated: '10.99.0.0/24' } }) });
 */
export function generalNat(options: GeneralNatOptions): Nat {
  const { settings, faults } = checkSettings(generalSchema, options, {
    mapping: { translated: '0.0.0.0' },
  });
  const { mapping } = settings;
  const made: Nat = {
    kind: 'nat',
    type: 'general',
    isByTargetAlone: mapping.every((line) => line.from === undefined),
    ranges: { snat: rangesOf(mapping), dnat: rangesOf(mapping) },
    translate: (pair, direction) => translateGenerally(mapping, pair, direction),
    explain: () => `general NAT: ${mapping.map(explainLine).join(', ')}`,
  };
  return declare(made, generalNat, faults);
}

function rangesOf(mapping: readonly GeneralLine[]): NatRanges {
  const mappings = mapping.map(({ from, to, translated }) => ({
    from,
    to,
    translated,
    port: undefined,
  }));
  return { mappings, otherwise: 'unmapped' };
}

function translateGenerally(
  mapping: readonly GeneralLine[],
  pair: NatPair,
  direction: NatDirection,
): Translation {
  const end = endOf(pair, direction);
  if (end === undefined) return UNMAPPED;
  const { source, destination } = pair;
  const line = mapping.find(
    ({ from, to }) => mayBeIn(from, source?.address) && mayBeIn(to, destination?.address),
  );
  if (line === undefined) return UNMAPPED;
  const { translated } = line;
  if (translated.network.family !== end.address.family)
    return refusedBecause(
      `${String(end.address)} has no place in ${String(translated)}: they are of two families`,
    );
  const inside = direction === 'snat' ? line.from : line.to;
  return translatedInto(placeHost(end.address, inside, translated), end.port);
}

/** An end that is not known may be anywhere (as in the original). */
function mayBeIn(within: Subnet | undefined, address: IpAddress | undefined): boolean {
  return within === undefined || address === undefined || within.contains(address);
}

function explainLine({ from, to, translated }: GeneralLine): string {
  const source = from === undefined ? '' : `from ${String(from)} `;
  const destination = to === undefined ? '' : `to ${String(to)} `;
  return `${source}${destination}as ${String(translated)}`;
}

/** The bits of an address that its subnet leaves open, where the other subnet leaves them open too. */
export function placeHost(address: IpAddress, inside: Subnet | undefined, into: Subnet): IpAddress {
  const fixed = inside?.netmask.words ?? [];
  const { network, netmask } = into;
  const masks = netmask.words;
  const hosts = address.words.map((word, index) => word & ~(fixed[index] ?? 0));
  const words = network.words.map(
    (word, index) => (word | ((hosts[index] ?? 0) & ~(masks[index] ?? 0))) >>> 0,
  );
  return IpAddress.fromWords(address.family, words);
}

const NO_PAIR = 'give two subnets, such as { from: "10.0.0.0/24", to: "192.0.2.0/24" }';
const onePair = z
  .strictObject({ from: subnet, to: subnet }, { error: NO_PAIR })
  .check(({ value: { from, to }, issues }) => {
    if (isSameFamily(from, to) && from.prefixLength === to.prefixLength) return;
    const message = `give a subnet of the same size as ${String(from)}`;
    issues.push({ code: 'custom', message, input: String(to), path: ['to'] });
  });
const oneToOneSchema = z.strictObject({
  mapping: oneOrMore(onePair, NO_PAIR).check(({ value, issues }) => {
    for (const [index, { from, to }] of value.entries()) {
      const earlier = value.slice(0, index);
      const isDouble = earlier.some((other) => overlap(other.from, from) || overlap(other.to, to));
      const message = 'leave out what an earlier line has: one address stands for one other';
      const input = `${String(from)} to ${String(to)}`;
      if (isDouble) issues.push({ code: 'custom', message, input, path: [index] });
    }
  }),
  defaultReject: z.boolean({ error: 'give true or false' }).default(true),
});
registerOptions('oneToOneNat', oneToOneSchema);

/**
 * Maps each address of a subnet to the one at the same place in a subnet of the same size.
 * @example service('mail', { proxy: plugProxy(), snat: oneToOneNat({ mapping: { from: '10.1.0.0/24', to: '192.0.2.0/24' } }) });
 */
export function oneToOneNat(options: OneToOneNatOptions): Nat {
  const { settings, faults } = checkSettings(oneToOneSchema, options, {
    mapping: { from: '0.0.0.0', to: '0.0.0.0' },
  });
  const { mapping, defaultReject } = settings;
  const lines = mapping.map(({ from, to }) => `${String(from)} to ${String(to)}`);
  const made: Nat = {
    kind: 'nat',
    type: 'one-to-one',
    isByTargetAlone: true,
    ranges: rangesByEnd(
      mapping.map(({ from, to }) => ({ inside: from, translated: to })),
      { otherwise: defaultReject ? 'refused' : 'unmapped' },
    ),
    translate: (pair, direction) => {
      const end = endOf(pair, direction);
      if (end === undefined) return UNMAPPED;
      const line = mapping.find(({ from }) => from.contains(end.address));
      if (line !== undefined)
        return translatedInto(placeHost(end.address, line.from, line.to), end.port);
      return defaultReject ? refusedBecause(`No NAT is for ${String(end.address)}`) : UNMAPPED;
    },
    explain: () =>
      `one-to-one NAT: ${lines.join(', ')}; others ${defaultReject ? 'are refused' : 'stay as they are'}`,
  };
  return declare(made, oneToOneNat, faults);
}

function isSameFamily(one: Subnet, other: Subnet): boolean {
  return one.network.family === other.network.family;
}

function overlap(one: Subnet, other: Subnet): boolean {
  return one.contains(other) || other.contains(one);
}
