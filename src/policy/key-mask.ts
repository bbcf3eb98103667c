// Sets of keys as 32 bits each: small Bloom filters. Kept beside every edge of the rule tree, they tell that nothing below
// is for a packet without looking there; they may promise too much, never too little.

const HASH = 0x9e3779b1; // Knuth's multiplicative hash: its lower bits are mixed least

/** What is in the mask of an entry that asks for nothing, and in the mask of every question. */
export const ASKS_NOTHING = 1;

/** The bit of a key on a level: never that of ASKS_NOTHING. */
export function maskOf(level: number, key: number): number {
  return 2 << ((Math.imul(key ^ (level << 24), HASH) >>> 8) % 31);
}

/** The two ends of a packet: almost every rule asks for them, and in them rules differ most. */
export type Side = 'source' | 'destination' | undefined;
