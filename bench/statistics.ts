// Medians and ranges: one noisy round must not move a figure.

/** The middle of some values, and how far they spread. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The spread of values; undefined for none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  const [min] = sorted;
  const max = sorted.at(-1);
  if (low === undefined || high === undefined || min === undefined || max === undefined)
    return undefined;
  return { median: (low + high) / 2, min, max };
}

/** The spread of ratios, round by round: what slowed a whole round down slowed both, and goes out. */
export function ratioOf(
  ours: readonly (number | undefined)[],
  theirs: readonly (number | undefined)[],
): Spread | undefined {
  const ratios = ours.map((our, round) => {
    const their = theirs[round];
    return our === undefined || their === undefined || their <= 0 ? Number.NaN : our / their;
  });
  return spreadOf(ratios.filter((ratio) => Number.isFinite(ratio)));
}
