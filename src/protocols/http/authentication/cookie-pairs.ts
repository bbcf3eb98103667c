// The pairs of a Cookie field (RFC 6265, 4.2.1), of which one may be taken out while all others stay byte by byte.

/** What a Cookie field is without the pairs of one name. */
export interface CookiePairs {
  /** The values of that name, in order. */
  readonly values: readonly string[];
  /** The field without them; undefined if nothing is left. */
  readonly rest: string | undefined;
}

/**
 * Takes the pairs of a name out of a Cookie field. Pairs are told apart as most servers do it, with any blanks or none
 * around them: what one of them would read as the pair must not be left.
 */
export function takeCookie(field: string, name: string): CookiePairs {
  const values: string[] = [];
  const others = field.split(';').filter((pair) => {
    const mark = pair.indexOf('=');
    const isOurs = mark !== -1 && pair.slice(0, mark).trim() === name;
    if (isOurs) values.push(pair.slice(mark + 1).trim());
    return !isOurs;
  });
  if (values.length === 0) return { values, rest: field };
  const rest = others.join(';').trim();
  return { values, rest: rest === '' ? undefined : rest };
}
