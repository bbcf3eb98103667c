// Tables by name, as the kernel has them: ours, somebody else's, or none.

import type { Listing } from './nft-listing.ts';
import type { NftProgram } from './nft-program.ts';
import { FAMILY } from './nft-program.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import { markedRevision } from './table-marker.ts';

/** A table that Zorp made. */
export interface OwnedTable {
  readonly name: string;
  /** The revision of the policy that it was made from. */
  readonly revision: string;
  /** The kernel's number of it, which no later table of this name has. */
  readonly handle: number;
  readonly listing: Listing;
}

/** Our table of this name; undefined if there is none. @throws PacketFilterError if it is somebody else's. */
export async function findOwnTable(nft: NftProgram, name: string): Promise<OwnedTable | undefined> {
  const listing = await nft.list(name);
  if (listing === undefined) return undefined;
  const revision = markedRevision(listing);
  const handle = listing.tables[0]?.handle;
  if (revision === undefined || handle === undefined)
    throw new PacketFilterError(
      'nft.table-taken',
      `There is a table "${FAMILY} ${name}" that Zorp did not make: choose another name with packetFilter: { table }, or remove it with "nft delete table ${FAMILY} ${name}"`,
    );
  return { name, revision, handle, listing };
}

/** Those of several names that are there. */
export async function findOwnTables(
  nft: NftProgram,
  names: readonly (string | undefined)[],
): Promise<readonly OwnedTable[]> {
  const found: OwnedTable[] = [];
  for (const name of new Set(names)) {
    const table = name === undefined ? undefined : await findOwnTable(nft, name);
    if (table !== undefined) found.push(table);
  }
  return found;
}
