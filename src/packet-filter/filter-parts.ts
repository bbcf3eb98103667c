// What the chains of a ruleset are made with.

import type { AddressFamily } from '../address/ip-address.ts';
import type { Policy } from '../policy/policy.ts';
import type { AddressSets } from './address-sets.ts';
import type { FlowNumbers } from './flow-numbers.ts';
import type { JsonObject, TableCommands } from './nft-json.ts';
import { match, meta } from './nft-json.ts';

/** What the makers of chains share. */
export interface FilterParts {
  readonly policy: Policy;
  readonly commands: TableCommands;
  readonly sets: AddressSets;
  readonly flows: FlowNumbers;
}

/** Both families. */
export const FAMILIES: readonly AddressFamily[] = ['ipv4', 'ipv6'];

/** Packets of a family. */
export function ofFamily(family: AddressFamily): JsonObject {
  return match(meta('nfproto'), family);
}
