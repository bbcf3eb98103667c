// The pairs of a Cookie field (RFC 6265, 4.2.1), of which one may be taken out while all others stay byte by byte.

/** What a Cookie field is without the pairs of one name. */
export interface CookiePairs {
  /** The values of that name, in order. */
  readonly values: readonly string[];
  /** The field without them; undefined if nothing is left. */
  readonly rest: string | undefined;
}

const SEPARATOR = '; ';

/** Takes the pairs of a name out of a Cookie field. Names are compared as they stand, as servers do. */
export function takeCookie(field: string, name: string): CookiePairs {
  const isOurs = (pair: string): boolean => pair.startsWith(`${name}=`);
  const pairs = field.split(SEPARATOR);
  const values = pairs.filter(isOurs).map((pair) => pair.slice(name.length + 1));
  if (values.length === 0) return { values, rest: field };
  const others = pairs.filter((pair) => !isOurs(pair));
  return { values, rest: others.length === 0 ? undefined : others.join(SEPARATOR) };
}
