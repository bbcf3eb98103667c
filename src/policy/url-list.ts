// A list of URLs as one question: whole sites, directories and pages, millions of them.

import { MAX_MEMBERS, PrefixTable } from './prefix-table.ts';

const SCHEME = /^https?:\/\//i;
const ANY_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const SCHEME_END = '://';
const ESCAPE = /%([0-9a-f]{2})/gi;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** Characters of an entry; with every one of them escaped it still is a member of the table. */
const MAX_URL_LENGTH = 1_000;
const HIT = 1;
const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
const AMPERSAND = 0x26;

/** URLs, each with a number that comes with it, such as its line. */
export class UrlList {
  readonly #urls = new PrefixTable('start');

  /** How many entries there are. */
  get size(): number {
    return this.#urls.size;
  }

  /**
   * Adds an entry: `http://host/path`, or `host/path` for both schemes. It is for that URL and for all that is below it
   * in the tree of paths, with any query: `host/a` for `/a`, `/a/b` and `/a?c`, but not for `/ab`.
   * @returns the cure, if it cannot be added.
   */
  add(text: string, value: number): string | undefined {
    if (this.size >= MAX_MEMBERS) return `give at most ${MAX_MEMBERS} URLs`;
    const entry = readEntry(text);
    if ('cure' in entry) return entry.cure;
    this.#urls.add(entry.key, value, HIT);
    return undefined;
  }

  /** Makes the list ready for questions, in steps of a few milliseconds. */
  *complete(): Generator<undefined, void, undefined> {
    yield* this.#urls.index();
  }

  /** The number of the nearest entry for a URL in canonical form; undefined if none is. */
  find(url: string): number | undefined {
    const start = url.indexOf(SCHEME_END);
    if (start === -1) return undefined;
    const found = this.#urls.find(url, endsAt);
    if (found !== undefined) return found.value;
    return this.#urls.find(url.slice(start + SCHEME_END.length), endsAt)?.value;
  }
}

/** An entry as the beginning of URLs, with their scheme where it has one; or the cure. */
function readEntry(text: string): { readonly key: string } | { readonly cure: string } {
  const hasScheme = SCHEME.test(text);
  if (!hasScheme && ANY_SCHEME.test(text)) return { cure: 'give a URL of http or https' };
  const whole = hasScheme ? text : `http://${text}`;
  if (text.length > MAX_URL_LENGTH)
    return { cure: `give a URL of at most ${MAX_URL_LENGTH} characters` };
  if (/\s/.test(text) || !URL.canParse(whole)) return { cure: CURE };
  const url = new URL(whole);
  if (`${url.username}${url.password}${url.hash}` !== '') return { cure: PARTS };
  if (!hasPlainHost(text, url.host)) return { cure: CURE };
  const site = hasScheme ? `${url.protocol}//${url.host}` : url.host;
  return { key: `${site}${canonical(url.pathname + url.search)}` };
}

const CURE =
  'give a URL as browsers show it, such as "http://example.org/ads/", or "example.org/ads/" for both schemes';
const PARTS = 'leave out user, password and what stands behind "#": they are not in requests';

/** An entry ends at the end of a URL, before its next segment or query, or behind the slash or mark that it ends with. */
function endsAt(url: string, length: number): number {
  if (length === url.length) return HIT;
  const next = url.charCodeAt(length);
  if (next === SLASH || next === QUESTION_MARK) return HIT;
  if (url.charCodeAt(length - 1) === SLASH) return HIT;
  // Within a query the next parameter begins with an ampersand.
  const mark = next === AMPERSAND ? url.indexOf('?') : -1;
  return mark !== -1 && mark < length ? HIT : 0;
}

/** `0x7f.1` and `①` become addresses and other names in URL(): what is written must be what is meant. */
function hasPlainHost(text: string, host: string): boolean {
  const written = text.replace(SCHEME, '').split(/[/?]/, 1)[0]?.toLowerCase() ?? '';
  const isAddress = /^\[|^[\d.]+(?::\d+)?$/.test(host);
  return isAddress ? written.replace(/:80$|:443$/, '') === host.replace(/:80$|:443$/, '') : true;
}

/** The form in which the proxy has URLs: escapes of unreserved characters are decoded, others in upper case. */
function canonical(path: string): string {
  return path.replace(ESCAPE, (escape: string, digits: string) => {
    const character = String.fromCharCode(parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
}
