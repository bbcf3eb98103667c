// Finds the name that somebody who misspelt one most likely meant.

const MOST_EDITS = 2; // a letter too many, too few or another, twice, or two that changed places

/**
 * The name that is the fewest edits away, at most two and less than half of its letters, and the first of several; upper
 * and lower case do not count. Undefined if none is so near.
 */
export function similarName(written: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = MOST_EDITS + 1;
  for (const name of names) {
    if (Math.abs(name.length - written.length) >= fewest) continue;
    const edits = countEdits(written.toLowerCase(), name.toLowerCase());
    if (edits >= fewest || edits * 2 >= name.length) continue;
    best = name;
    fewest = edits;
  }
  return best;
}

/** The distance of Levenshtein: how many letters are added, removed or changed to make one text of the other. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 0; at < from.length; at += 1) {
    const next = [at + 1];
    for (let index = 0; index < to.length; index += 1) {
      const changed = (row[index] ?? 0) + (from[at] === to[index] ? 0 : 1);
      next.push(Math.min(changed, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
