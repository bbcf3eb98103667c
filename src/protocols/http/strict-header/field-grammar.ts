// The grammars of field values that strict header checking knows. Each is a regular expression that reads a value once from
// left to right: nothing in them can be read in two ways, so that their time grows with the value and not beyond.

/** What a value may be: a pattern for all of it, and how many bytes of it there may be. */
export interface FieldGrammar {
  readonly pattern: RegExp;
  readonly maxBytes: number;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
/** RFC 9110, 5.6.4, with the bytes above ASCII that it allows (obs-text). */
const QUOTED =
  '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const WORD = `(?:${TOKEN}|${QUOTED})`;
const BLANKS = '[\\t ]*';
/** RFC 9110, 5.6.6: `;name=value`; a value may be missing, as in many fields of today (`;secure`). */
const PARAMETERS = `(?:${BLANKS};(?:${BLANKS}${TOKEN}(?:=${WORD})?)?)*`;
const MEDIA_TYPE = `${TOKEN}/${TOKEN}${PARAMETERS}`;
/** RFC 9110, 8.8.3. */
const ENTITY_TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"';
/** RFC 9110, 5.6.7: the one form that is sent today, and the two old ones that must be read. */
const DATE =
  '(?:[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT' +
  '|[A-Z][a-z]{5,8}, [0-9]{2}-[A-Z][a-z]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT' +
  '|[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4})';
/** The characters of a URL or of a part of one that browsers send (WHATWG URL, 4.5), with whole escapes. */
const URL_TEXT = "(?:[!#$&'()*+,\\-./0-9:;=?@A-Z[\\]^_`a-z{|}~]|%[0-9A-Fa-f]{2})*";
/** RFC 9110, 7.6.3: `1.1 name:port (comment)`. */
const VIA = `(?:${TOKEN}/)?${TOKEN}[\\t ]+(?:\\[[0-9A-Fa-f:.]+\\](?::[0-9]*)?|${TOKEN}(?::[0-9]*)?)(?:[\\t ]+\\([\\t \\x21-\\x27\\x2a-\\x5b\\x5d-\\x7e]*\\))?`;
/** Whatever a field may hold (RFC 9110, 5.5): all that is bounded is its length. */
const TEXT = '[\\t \\x20-\\x7e\\x80-\\xff]*';
/** The characters of structured fields (RFC 9651); each of them has a grammar of its own beyond that. */
const STRUCTURED = '[\\t \\x20-\\x7e]*';

// What is usual today, with room: the longest that browsers and servers send are policies, which have a kilobyte or two.
const SHORT = 256;
const USUAL = 1_024;
const LONG = 8_192;

/** One item. */
function one(item: string, maxBytes = SHORT): FieldGrammar {
  return { pattern: new RegExp(`^${item}$`), maxBytes };
}

/** A list of items with commas (RFC 9110, 5.6.1); empty items are taken, as recipients must. */
function list(item: string, maxBytes = USUAL): FieldGrammar {
  // The blanks before a comma and those before an item are told apart by what follows, so that there is one reading.
  return { pattern: new RegExp(`^(?:${item})?(?:${BLANKS},(?:${BLANKS}${item})?)*$`), maxBytes };
}

const PAIR = `${TOKEN}=${WORD}`;
const ORIGIN = '(?:null|[A-Za-z][A-Za-z0-9+\\-.]*://[0-9A-Za-z:.[\\]_\\-]+|\\*)';

/** The grammars by what they are of. */
export const GRAMMARS = {
  token: one(TOKEN),
  tokens: list(TOKEN),
  number: one('-?[0-9]+', 20),
  /** Tokens with parameters: directives, preferences, codings with a weight. */
  words: list(`${TOKEN}(?:${BLANKS}=${BLANKS}${WORD})?${PARAMETERS}`),
  mediaType: one(MEDIA_TYPE, USUAL),
  mediaTypes: list(`(?:${MEDIA_TYPE}|\\*${PARAMETERS})`),
  /** RFC 9110, 7.8: names of protocols, with a version or without. */
  protocols: list(`${TOKEN}(?:/${TOKEN})?`),
  date: one(DATE, 64),
  /** Many servers send 0 or -1 for a date that is over. */
  dateOrNumber: one(`(?:${DATE}|-?[0-9]+)`, 64),
  entityTag: one(ENTITY_TAG),
  entityTags: list(`(?:${ENTITY_TAG}|\\*)`),
  entityTagOrDate: one(`(?:${ENTITY_TAG}|${DATE})`),
  /** A unit, and ranges in it (RFC 9110, 14.2). */
  range: one(`${TOKEN}=[0-9, \\t\\-]+`, USUAL),
  contentRange: one(`${TOKEN} (?:[0-9]+-[0-9]+/(?:[0-9]+|\\*)|\\*/[0-9]+)`),
  url: one(URL_TEXT, LONG),
  /** Credentials and challenges (RFC 9110, 11): a scheme, and what it wants. */
  credentials: one(`${TOKEN}(?:[\\t ]+[\\x21-\\x7e][\\t \\x21-\\x7e]*)?`, LONG),
  /** RFC 6265, in the tolerant form that its section 5 reads. */
  cookie: one(TEXT, LONG),
  via: list(VIA),
  /** RFC 7239, 4. */
  forwarded: list(`${PAIR}(?:${BLANKS};(?:${BLANKS}${PAIR})?)*`),
  addresses: list('[0-9A-Za-z:.[\\]_\\-]+'),
  origin: one(ORIGIN),
  origins: list(ORIGIN),
  /** RFC 8288, 3: `<url>; rel=next`. */
  link: list(`<${URL_TEXT}>${PARAMETERS}`, LONG),
  text: one(TEXT, USUAL),
  /** Structured fields (RFC 9651) and their like: no bytes above ASCII. */
  structured: one(STRUCTURED, USUAL),
  policy: one(STRUCTURED, LONG),
} as const satisfies Readonly<Record<string, FieldGrammar>>;

/** The name of a grammar. */
export type GrammarName = keyof typeof GRAMMARS;
