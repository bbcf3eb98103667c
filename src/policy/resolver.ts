// Resolvers: how the names of servers become addresses, for servers that the protocol names and for host names of zones.

import { z } from 'zod';
import { canonicalHostName, isHostName } from '../address/host-name.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { AddressFamily } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare, showValue } from '../proxy/policy-fault.ts';
import { milliseconds, oneOrMore, parsed } from './fields.ts';

/** Options of `dnsResolver`. */
export interface DnsResolverOptions {
  /** Give the chainer all addresses of a name, to fail over among them. Default: false, only the first. */
  readonly multi?: boolean;
  /** Which addresses count. Default: `'any'`, both families. */
  readonly family?: AddressFamily | 'any';
  /**
   * DNS servers to ask instead of the system's resolver, such as `'192.0.2.53'` or `'[2001:db8::53]:5353'`. Then the
   * hosts file of this machine does not count, and IPv4 addresses come first.
   */
  readonly servers?: string | readonly string[];
  /** How long a name may take. Default: 5000 ms. */
  readonly timeoutMs?: number;
}

/** Options of `hashResolver`. */
export interface HashResolverOptions {
  /** Addresses by host name. A name that is not there has no address. */
  readonly mapping: Readonly<Record<string, string | readonly string[]>>;
}

/** Asks DNS. */
export interface DnsResolver {
  readonly kind: 'resolver';
  readonly type: 'dns';
  readonly multi: boolean;
  readonly family: AddressFamily | 'any';
  /** Empty: those of the system. */
  readonly servers: readonly SocketAddress[];
  readonly timeoutMs: number;
}

/** Looks into a fixed table. */
export interface HashResolver {
  readonly kind: 'resolver';
  readonly type: 'hash';
  /** By host name in lower case. */
  readonly mapping: ReadonlyMap<string, readonly IpAddress[]>;
}

/** Finds the addresses of host names. */
export type Resolver = DnsResolver | HashResolver;

const DNS_PORT = 53; // RFC 1035, 4.2

/** The cure of a text that is no host name. */
export const HOST_NAME_CURE =
  'give a host name, such as "www.example.org": letters, digits, hyphens and dots; ' +
  'an international name as its A-label ("xn--...")';

/** A strict host name, in lower case and without the dot at its end. */
export const hostName = parsed((text) => {
  if (!isHostName(text)) throw new SyntaxError(HOST_NAME_CURE);
  return canonicalHostName(text);
}, HOST_NAME_CURE);

const SERVER_CURE = 'give the address of a DNS server, such as "192.0.2.53"';

/** The addresses of DNS servers, the port being 53 where there is none. */
export const dnsServers = oneOrMore(parsed(parseServer, SERVER_CURE), SERVER_CURE);

function parseServer(text: string): SocketAddress {
  const bare = IpAddress.tryParse(text);
  if (bare !== undefined) return SocketAddress.of(bare.unmapped(), DNS_PORT);
  const both = SocketAddress.tryParse(text);
  if (both === undefined || both.port === 0) throw new SyntaxError(SERVER_CURE);
  return SocketAddress.of(both.address.unmapped(), both.port);
}

const dnsSchema = z.strictObject({
  multi: z.boolean({ error: 'give true or false' }).default(false),
  family: z.enum(['ipv4', 'ipv6', 'any'], { error: 'give "ipv4", "ipv6" or "any"' }).default('any'),
  servers: dnsServers.optional(),
  // As long as a client waits for a page that does not come before it is tried again.
  timeoutMs: milliseconds.default(5_000),
});
registerOptions('dnsResolver', dnsSchema);

const NO_SERVERS: readonly SocketAddress[] = Object.freeze([]);

/**
 * Asks DNS for the addresses of a name: the system's resolver, or certain servers.
 * @example service('web', { proxy: httpProxy({ mode: 'explicit' }), router: inbandRouter(), resolver: dnsResolver({ family: 'ipv4' }) });
 */
export function dnsResolver(options: DnsResolverOptions = {}): DnsResolver {
  const { settings, faults } = checkSettings(dnsSchema, options, {});
  const made: DnsResolver = {
    kind: 'resolver',
    type: 'dns',
    multi: settings.multi,
    family: settings.family,
    servers: settings.servers ?? NO_SERVERS,
    timeoutMs: settings.timeoutMs,
  };
  return declare(made, dnsResolver, faults);
}

const ADDRESS_CURE = 'give an IP address, such as "192.0.2.1", or a list of them';
const address = parsed((text) => IpAddress.parse(text).unmapped(), ADDRESS_CURE);

const hashSchema = z.strictObject({
  mapping: z.record(hostName, oneOrMore(address, ADDRESS_CURE), {
    error: 'give an object of addresses by host name, such as { "www.example.org": "192.0.2.1" }',
  }),
});
registerOptions('hashResolver', hashSchema);

/**
 * A fixed table of names: a name that is not in it has no address.
 * @example service('web', { proxy: httpProxy({ mode: 'explicit' }), router: inbandRouter(), resolver: hashResolver({ mapping: { 'www.example.org': '192.0.2.1' } }) });
 */
export function hashResolver(options: HashResolverOptions): HashResolver {
  const { settings, faults } = checkSettings(hashSchema, options, { mapping: {} });
  const mapping = new Map(Object.entries(settings.mapping));
  const made: HashResolver = { kind: 'resolver', type: 'hash', mapping };
  return declare(made, hashResolver, faults.length > 0 ? faults : repeatedNames(options.mapping));
}

/** A name that stands there twice, in two ways of writing it, would leave it to chance which addresses it has. */
function repeatedNames(mapping: HashResolverOptions['mapping']): readonly Fault[] {
  const names = Object.keys(mapping).map(canonicalHostName);
  const repeated = names.findIndex((name, index) => names.indexOf(name) < index);
  if (repeated === -1) return [];
  const value = showValue(Object.keys(mapping)[repeated]);
  return [{ path: 'mapping', value, cure: 'remove it: the same name is there already' }];
}

/**
 * What a fixed table says of a name: all its addresses, as in the original. An address that a client writes instead of a
 * name is not in the table either, so that the table is all that a protocol can name.
 */
export function lookUpInTable({ mapping }: HashResolver, host: string): readonly IpAddress[] {
  return mapping.get(canonicalHostName(host)) ?? NO_ADDRESSES;
}

const NO_ADDRESSES: readonly IpAddress[] = Object.freeze([]);

/** The address families that a resolver looks for. */
export function familiesOf({ family }: DnsResolver): readonly AddressFamily[] {
  return family === 'any' ? ['ipv4', 'ipv6'] : [family];
}

/** The addresses that count for a resolver of those that were found: those of its family. */
export function fittingAddresses(
  { family }: DnsResolver,
  found: readonly IpAddress[],
): readonly IpAddress[] {
  return family === 'any' ? found : found.filter((one) => one.family === family);
}

/** What a resolver gives of the addresses that were found: those of its family, and only the first unless `multi`. */
export function chosenAddresses(
  resolver: DnsResolver,
  found: readonly IpAddress[],
): readonly IpAddress[] {
  const fitting = fittingAddresses(resolver, found);
  return resolver.multi ? fitting : fitting.slice(0, 1);
}

/** One line in English: who is asked. */
export function explainResolver(resolver: Resolver): string {
  if (resolver.type === 'hash') {
    const { size } = resolver.mapping;
    return `names from a table of ${String(size)}`;
  }
  const { servers, family, multi } = resolver;
  const asked = servers.length === 0 ? "the system's resolver" : servers.join(', ');
  const kind = family === 'any' ? '' : family === 'ipv4' ? ', IPv4 only' : ', IPv6 only';
  return `names by ${asked}${kind}${multi ? ', all addresses' : ''}`;
}
