// How a table tells that Zorp made it, and from which policy: a chain that no packet enters, with a comment in it.

import type { Listing } from './nft-listing.ts';
import { FAMILY } from './nft-program.ts';

/** The chain; nothing jumps to it. */
export const MARKER_CHAIN = 'made-by-zorp';
const COMMENT = /^revision ([0-9a-f]{1,64})$/;

/** The commands that mark a table. */
export function markerCommands(table: string, revision: string): readonly object[] {
  const place = { family: FAMILY, table };
  const comment = `revision ${revision}`;
  return [
    { add: { chain: { ...place, name: MARKER_CHAIN } } },
    { add: { rule: { ...place, chain: MARKER_CHAIN, comment, expr: [{ return: null }] } } },
  ];
}

/** The revision of the policy that a table was made from; undefined for a table that Zorp did not make. */
export function markedRevision(listing: Listing): string | undefined {
  const rule = listing.rules.find(({ chain }) => chain === MARKER_CHAIN);
  return COMMENT.exec(rule?.comment ?? '')?.[1];
}
