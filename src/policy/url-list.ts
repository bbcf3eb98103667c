// A list of URLs as one question: whole sites, directories and pages, millions of them.

import { canonicalHostName, isHostName } from '../address/host-name.ts';
import { MAX_MEMBERS, PrefixTable } from './prefix-table.ts';

const SCHEME = /^https?:\/\//i;
const ANY_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const SCHEME_END = '://';
const IMPLIED_PORT = /^[^/?\\]*:(?:80|443)(?:[/?\\]|$)/;
/** The host with what is in the place of a port, which URL() checks; in `http:/host` that is nothing. */
const WRITTEN_HOST = /^(?:https?:\/\/)?(\[[^\]]*\]|[^:/?\\]*:?(?![0-9]))/i;
const ADDRESS = /^\[|^[0-9.]+$/;
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
    for (const key of entry.keys) this.#urls.add(key, value, HIT);
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

/** An entry as the beginnings of URLs, with their scheme where it has one; or the cure. */
function readEntry(text: string): { readonly keys: readonly string[] } | { readonly cure: string } {
  const hasScheme = SCHEME.test(text);
  if (!hasScheme && ANY_SCHEME.test(text)) return { cure: 'give a URL of http or https' };
  const whole = hasScheme ? text : `http://${text}`;
  if (text.length > MAX_URL_LENGTH)
    return { cure: `give a URL of at most ${MAX_URL_LENGTH} characters` };
  if (/\s/.test(text) || !URL.canParse(whole)) return { cure: CURE };
  const url = new URL(whole);
  if (`${url.username}${url.password}${url.hash}` !== '') return { cure: PARTS };
  const host = hostOf(url.hostname, text);
  if (host === undefined) return { cure: url.hostname.startsWith('*.') ? NAMES_BELOW : CURE };
  return { keys: keysOf({ text, hasScheme, url, host }) };
}

interface Entry {
  readonly text: string;
  readonly hasScheme: boolean;
  readonly url: URL;
  readonly host: string;
}

function keysOf({ text, hasScheme, url, host }: Entry): readonly string[] {
  const rest = canonical(url.pathname + url.search);
  if (hasScheme) return [`${url.protocol}//${host}${portOf(url)}${rest}`];
  if (!IMPLIED_PORT.test(text)) return [`${host}${portOf(url)}${rest}`];
  // Of one of the schemes it is the port that URLs are written without.
  const https = portOf(new URL(`https://${text}`));
  return [`http://${host}${portOf(url)}${rest}`, `https://${host}${https}${rest}`];
}

/** With the colon; empty where it is that of the scheme. */
function portOf({ port }: URL): string {
  return port === '' ? '' : `:${port}`;
}

const CURE =
  'give a URL as browsers show it, such as "http://example.org/ads/", or "example.org/ads/" for both schemes';
const PARTS = 'leave out user, password and what stands behind "#": they are not in requests';
const NAMES_BELOW = 'leave out "*.": domainMatcher() has entries for the names below one';

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

/** The host in the form in which requests have it; undefined where none can: such an entry would block nothing. */
function hostOf(host: string, text: string): string | undefined {
  const written = WRITTEN_HOST.exec(text)?.[1] ?? '';
  // `0x7f.1` and `①` become addresses in URL(), `http:/host/` and `/path` other hosts: what is written must be what is meant.
  if (ADDRESS.test(host)) return written.toLowerCase() === host ? host : undefined;
  const isMeant = written !== '' && !written.endsWith(':');
  return isMeant && isHostName(host) ? canonicalHostName(host) : undefined;
}

/** The form in which the proxy has URLs: escapes of unreserved characters are decoded, others in upper case. */
function canonical(path: string): string {
  return path.replace(ESCAPE, (escape: string, digits: string) => {
    const character = String.fromCharCode(parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
}
