// Values out of the query of a URL, as forms write it (WHATWG URL, 5.1).

import { Buffer } from 'node:buffer';

/**
 * The first value of a key: `b c` for `a` in `a=b+c`. A key without `=` has none. Undefined if there is none; the values
 * of a key that is there more than once are what `queryValues` gives, because servers disagree about which one counts.
 */
export function queryValue(query: string | undefined, key: string): string | undefined {
  return queryValues(query, key)[0];
}

/** All values of a key, in their order. Escapes that are no UTF-8 become U+FFFD. */
export function queryValues(query: string | undefined, key: string): readonly string[] {
  if (query === undefined) return [];
  return query.split('&').flatMap((pair) => {
    const mark = pair.indexOf('=');
    return mark !== -1 && formText(pair.slice(0, mark)) === key
      ? [formText(pair.slice(mark + 1))]
      : [];
  });
}

/** A text without the escapes of a form: a plus for a blank, and bytes of UTF-8. */
function formText(text: string): string {
  const plain = text.replaceAll('+', ' ');
  return plain.includes('%') ? decoded(plain) : plain;
}

function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
