// A list of hosts as one question: domains, the lines of hosts files, addresses and subnets, millions of them.

import { canonicalHostName } from '../address/host-name.ts';
import { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { SubnetTree } from '../address/subnet-tree.ts';
import { asciiName } from './ascii-name.ts';
import { MAX_MEMBERS, PrefixTable } from './prefix-table.ts';

// Which names an entry is for, as bits.
const ITSELF = 1;
const BELOW = 2;

// Most questions are about few hosts. Whoever asks about many costs the others only the search that they would have without
// this. A host may be cut out of the text of a URL, which it keeps then: 2 MB for URLs of 8 KB.
const MAX_RECENT = 256;
// No name is longer (RFC 1035, 2.3.4).
const MAX_RECENT_LENGTH = 255;
const NOT_LISTED = -1;

/** Names that hosts files give to this machine and its links; they block nothing. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  ...['localhost', 'localhost.localdomain', 'local', 'broadcasthost', 'ip6-localhost'],
  ...['ip6-loopback', 'ip6-localnet', 'ip6-mcastprefix', 'ip6-allnodes', 'ip6-allrouters'],
  'ip6-allhosts',
]);

/** Hosts, each with a number that comes with it, 0 or more, such as its line. */
export class HostList {
  readonly #names = new PrefixTable('end');
  readonly #subnets = new SubnetTree<number>();
  /** What was found for hosts that were asked about lately. */
  readonly #recent = new Map<string, number>();

  /** How many entries there are. */
  get size(): number {
    return this.#names.size + this.#subnets.size;
  }

  /**
   * Adds an entry: `example.org` with all names below it, `.example.org` for only those, `192.0.2.1`, `2001:db8::/32`, or
   * the line of a hosts file, `0.0.0.0 ads.example`, for exactly its names.
   * @returns the cure, if it cannot be added.
   */
  add(text: string, value: number): string | undefined {
    if (this.size >= MAX_MEMBERS) return `give at most ${MAX_MEMBERS} hosts`;
    const entry = withoutComment(text);
    if (/\s/.test(entry)) return this.#addHostsLine(entry.split(/\s+/), value);
    const subnet = Subnet.tryParse(entry);
    if (subnet !== undefined) {
      this.#subnets.insert(subnet, value);
      return undefined;
    }
    const isBelow = entry.startsWith('.');
    const name = asciiName(isBelow ? entry.slice(1) : entry);
    if (name === undefined) return cureOf(entry);
    this.#names.add(name, value, isBelow ? BELOW : ITSELF | BELOW);
    return undefined;
  }

  /** Makes the list ready for questions, in steps of a few milliseconds. */
  *complete(): Generator<undefined, void, undefined> {
    yield* this.#names.index();
    this.#recent.clear(); // it may have been asked about an address before all of them were there
  }

  /** The number of the nearest entry for a host: a name, or an address without brackets; undefined if none is. */
  find(host: string): number | undefined {
    const found = this.#recent.get(host) ?? this.#findAnew(host);
    return found === NOT_LISTED ? undefined : found;
  }

  #findAnew(host: string): number {
    const found = this.#search(host) ?? NOT_LISTED;
    if (host.length > MAX_RECENT_LENGTH) return found;
    if (this.#recent.size === MAX_RECENT) this.#recent.clear();
    this.#recent.set(host, found);
    return found;
  }

  #search(host: string): number | undefined {
    // Only what has a digit or a colon where addresses have one is looked at as an address.
    if (mayBeAddress(host) && ADDRESS_END.test(host)) {
      const address = IpAddress.tryParse(host)?.unmapped();
      return address === undefined ? undefined : this.#subnets.lookup(address);
    }
    // Most hosts are in no list, and then it does not matter whether they are names.
    const name = isAscii(host) ? canonicalHostName(host) : asciiName(host);
    const found = name === undefined ? undefined : this.#names.find(name, kindsAt);
    return found !== undefined && asciiName(host) !== undefined ? found.value : undefined;
  }

  /** `0.0.0.0 ads.example tracker.example`: the address says nothing but that this is such a line. */
  #addHostsLine([address = '', ...names]: readonly string[], value: number): string | undefined {
    // The address of the link comes with a zone id in the hosts file of macOS.
    if (IpAddress.tryParse(address.replace(/%\w+$/, '')) === undefined) return HOSTS_LINE;
    for (const text of names) {
      if (OWN_NAMES.has(text.toLowerCase()) || IpAddress.tryParse(text) !== undefined) continue;
      const name = asciiName(text);
      if (name === undefined) return HOSTS_LINE;
      this.#names.add(name, value, ITSELF);
    }
    return undefined;
  }
}

/** A look that costs less than the expression: an address has a colon, or ends with a digit. */
function mayBeAddress(host: string): boolean {
  const last = host.charCodeAt(host.length - 1);
  return (last >= 0x30 && last <= 0x39) || host.includes(':');
}

/** Costs less than an expression, as most questions are about names that are in no list. */
function isAscii(host: string): boolean {
  for (let at = 0; at < host.length; at++) {
    const code = host.charCodeAt(at);
    if (code < 0x21 || code > 0x7e) return false;
  }
  return true;
}

const ADDRESS_END = /:|(?:^|\.)[0-9]+$/;
const DOT = 0x2e;
const HOSTS_LINE =
  'write one name, or a line as hosts files have it: an address and names, such as "0.0.0.0 ads.example"';

/** The whole name, or the part behind a dot: nothing else of it is a name that is above it. */
function kindsAt(name: string, length: number): number {
  if (length === name.length) return ITSELF;
  return name.charCodeAt(name.length - length - 1) === DOT ? BELOW : 0;
}

/** What stands behind a number sign after white space is for people. */
function withoutComment(text: string): string {
  const mark = text.search(/\s#/);
  return mark === -1 ? text : text.slice(0, mark).trimEnd();
}

function cureOf(entry: string): string {
  if (entry.startsWith('*.')) return `write ${JSON.stringify(entry.slice(1))} for the names below`;
  if (/^\d[\d./]*$/.test(entry)) return 'write the address or subnet as 192.0.2.1 or 192.0.2.0/24';
  if (/^[0-9a-f]*:[0-9a-f.]*:/i.test(entry))
    return 'write the address or subnet as 2001:db8::1 or 2001:db8::/32, one of IPv4 as 192.0.2.1';
  if (/[:/]/.test(entry))
    return 'give a host only, without a port or path: URLs have a list of their own';
  return 'give a host name, such as "example.org", or ".example.org" for only the names below';
}
