// A list of domains as one question: a set of names that is asked once for each label of a host name, whatever its size.

import { canonicalHostName, isHostName } from '../address/host-name.ts';

/** Domains of one list; each takes some 100 bytes of memory. */
export const MAX_DOMAINS = 4_000_000;

/** Domains, and whether their names are meant or only those below. */
export class DomainList {
  /** Matched by themselves and by every name below. */
  readonly #whole = new Set<string>();
  /** Matched only by the names below. */
  readonly #below = new Set<string>();

  /** How many domains there are. */
  get size(): number {
    return this.#whole.size + this.#below.size;
  }

  /**
   * Adds `example.org`, or `.example.org` for only the names below it.
   * @returns the cure, if it cannot be added.
   */
  add(text: string): string | undefined {
    const isBelow = text.startsWith('.');
    const name = isBelow ? text.slice(1) : text;
    if (!isHostName(name)) return cureOf(name);
    if (this.size >= MAX_DOMAINS) return `give at most ${MAX_DOMAINS} domains`;
    (isBelow ? this.#below : this.#whole).add(canonicalHostName(name));
    return undefined;
  }

  /** Whether a host name is one of the domains or below one; a text that is no host name is not. */
  has(host: string): boolean {
    const name = canonicalHostName(host);
    // The Kelvin sign is a "k" in lower case: what was found is looked at as it was given.
    return this.#hasCanonical(name) && isHostName(host);
  }

  #hasCanonical(name: string): boolean {
    if (this.#whole.has(name)) return true;
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const parent = name.slice(dot + 1);
      if (this.#whole.has(parent) || this.#below.has(parent)) return true;
    }
    return false;
  }
}

function cureOf(name: string): string {
  if (name.startsWith('*.')) return `write ${JSON.stringify(name.slice(1))} for the names below`;
  if (/^[\d.]+$|:/.test(name) || name.includes('/'))
    return 'give a host name only: no address, port, URL or subnet';
  if (/[^\x21-\x7e]/.test(name))
    return 'write one name, in ASCII: international names as A-labels, such as "xn--bcher-kva.example"';
  return 'give a host name, such as "example.org", or ".example.org" for only the names below';
}
