// What the packet filter of a policy is named and where it brings connections: the settings `packetFilter`.

import { z } from 'zod';
import { checkSettings } from '../proxy/policy-fault.ts';
import type { PolicyFaults } from './policy-faults.ts';

/** What `definePolicy` takes as `packetFilter`. */
export interface PacketFilterOptions {
  /** The nftables table of the family inet that `zorp nft` fills, and nobody else. Default: `'zorp'`. */
  readonly table?: string;
  /** The port of the hidden listener of the rules, 1 to 65535. Default: 50080. */
  readonly rulePort?: number;
  /** The one bit of the packet mark that Zorp uses, as a number and as its mask. Default: 0x40000000. */
  readonly mark?: number;
  /** The number of the routing table that delivers marked packets to this machine. Default: 50080. */
  readonly routingTable?: number;
}

/** The settings of the packet filter, with all defaults. */
export type PacketFilterSettings = Readonly<Required<PacketFilterOptions>>;

const TABLE_CURE =
  'give a name of at most 64 letters, digits, "_", "-" or ".", the first of them a letter';
const PORT_CURE = 'give a port, 1 to 65535';
const MARK_CURE = 'give a number with exactly one of 32 bits, such as 0x40000000';
const ROUTING_CURE =
  'give a number of 1 to 4294967295 but 253, 254 and 255, which are tables of the system';

const schema = z.strictObject({
  table: z
    .string({ error: TABLE_CURE })
    .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, { error: TABLE_CURE }) // words of nft that need no quotes
    .default('zorp'),
  rulePort: z
    .int({ error: PORT_CURE })
    .min(1, { error: PORT_CURE })
    .max(65_535, { error: PORT_CURE })
    .default(50_080),
  mark: z.number({ error: MARK_CURE }).refine(isOneBit, { error: MARK_CURE }).default(0x4000_0000),
  routingTable: z
    .int({ error: ROUTING_CURE })
    .min(1, { error: ROUTING_CURE })
    .max(0xffff_ffff, { error: ROUTING_CURE })
    .refine((number) => ![253, 254, 255].includes(number), { error: ROUTING_CURE })
    .default(50_080),
});

function isOneBit(mark: number): boolean {
  return (
    Number.isInteger(mark) && mark >= 1 && mark <= 0x8000_0000 && Number.isInteger(Math.log2(mark))
  );
}

/** Reads `packetFilter`; its faults are those of the policy. */
export function checkPacketFilter(given: unknown, faults: PolicyFaults): PacketFilterSettings {
  const checked = checkSettings(schema, given ?? {}, {});
  for (const { path, value, cure } of checked.faults)
    faults.addPolicy({ path: path === '' ? 'packetFilter' : `packetFilter.${path}`, value, cure });
  return Object.freeze(checked.settings);
}
