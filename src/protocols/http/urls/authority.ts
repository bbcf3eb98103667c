// Host and port as the Host field, an absolute URI and CONNECT write them, in one canonical form or not at all.

import { parseDecimal } from '../../../address/decimal.ts';
import { IpAddress } from '../../../address/ip-address.ts';
import { MAX_PORT } from '../../../address/port.ts';
import { Violation } from '../../../proxy/violation.ts';

/** A host and the port that was written with it. */
export interface Authority {
  /** Lower case, no trailing dot, addresses in canonical form and without brackets. */
  readonly host: string;
  /** Undefined if none was written. */
  readonly port: number | undefined;
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
// A name whose last label is a number is an address to some readers: 0x7f.1, 127.1, 2130706433 (WHATWG URL, 3.5).
const NUMERIC_LABEL = /^(?:[0-9]+|0x[0-9a-f]*)$/;
const SHAPE = /^(\[[^\]]*\]|[^:[\]]*)(?::([0-9]*))?$/;

/** Reads `host`, `host:port`, `[ipv6]` or `[ipv6]:port` (RFC 3986, 3.2.2); throws a Violation for anything else. */
export function readAuthority(text: string, maxHostnameLength: number): Authority {
  const known = recent.get(text);
  if (known !== undefined && known.hostLength <= maxHostnameLength) return known.authority;
  const shape = SHAPE.exec(text);
  const hostText = shape?.[1] ?? '';
  const host = hostText.length > maxHostnameLength ? undefined : canonicalHost(hostText);
  if (shape === null || host === undefined)
    throw new Violation('http.bad-host', 'client', 'The host name is not a valid name or address');
  const portText = shape[2];
  // `host:` is `host` (RFC 3986, 3.2.3).
  const port = portText === undefined || portText === '' ? undefined : readPort(portText);
  const authority = { host, port };
  remember(text, { authority, hostLength: hostText.length });
  return authority;
}

function readPort(text: string): number {
  const port = parseDecimal(text, MAX_PORT);
  if (port === undefined || port === 0)
    throw new Violation('http.bad-port', 'client', 'The port is not a number of 1 to 65535');
  return port;
}

/** What was read lately: clients ask for few servers, again and again, and whatever was sound still is. */
const recent = new Map<string, KnownAuthority>();
const MAX_RECENT = 256; // more than the users of an office ask for in a moment; some 100 KB at most
const MAX_RECENT_LENGTH = 272; // a name of 255 characters, and a port

interface KnownAuthority {
  readonly authority: Authority;
  /** Of the host as it was written. */
  readonly hostLength: number;
}

function remember(text: string, known: KnownAuthority): void {
  if (text.length > MAX_RECENT_LENGTH) return;
  if (recent.size >= MAX_RECENT) recent.clear();
  recent.set(text, known);
}

/** The canonical form of a name, an IPv4 address or a bracketed IPv6 address; undefined if it is none of them. */
export function canonicalHost(text: string): string | undefined {
  if (text.startsWith('[')) return canonicalIpv6(text.slice(1, -1));
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.split('.');
  if (NUMERIC_LABEL.test(labels.at(-1) ?? '')) return IpAddress.tryParse(name)?.toString();
  return labels.every((label) => LABEL.test(label)) ? name : undefined;
}

/** The same of a host as a policy writes it: an IPv6 address without brackets. */
export function canonicalGivenHost(host: string): string | undefined {
  return canonicalHost(bracketed(host));
}

/** `host` or `host:port`, with brackets around IPv6. */
export function writeAuthority(host: string, port: number | undefined): string {
  const text = bracketed(host);
  return port === undefined ? text : `${text}:${port}`;
}

/** The authority of a URL: without its port where the scheme implies that one, as `defaultPort` does if it is 80 or 443. */
export function urlAuthority(host: string, port: number | undefined, defaultPort: number): string {
  const isImplied = port === defaultPort && (port === 80 || port === 443);
  return writeAuthority(host, isImplied ? undefined : port);
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** An IPv4 address dressed as IPv6 is IPv4, or it would slip past the zones of IPv4. */
function canonicalIpv6(text: string): string | undefined {
  const address = IpAddress.tryParse(text);
  return address?.family === 'ipv6' ? address.unmapped().toString() : undefined;
}
