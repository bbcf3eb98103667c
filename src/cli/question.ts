// What `zorp explain` is asked: a client and where it wants to go, read from the command line.

import { IpAddress } from '../address/ip-address.ts';
import { MAX_PORT } from '../address/port.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { Policy } from '../policy/policy.ts';
import { lookUpInTable } from '../policy/resolver.ts';
import type { Tools } from './command.ts';
import { CommandError, wrongUse } from './command.ts';

/** Where a client comes from. */
export interface Origin {
  readonly address: SocketAddress;
  /** Whether its port was given. */
  readonly hasPort: boolean;
}

/** Where a client wants to go. */
export interface Destination extends Origin {
  /** As it was given. */
  readonly text: string;
  /** As a protocol would name it: without the port. */
  readonly host: string;
  /** All addresses of the name, in the resolver's order, none if only a table has it; undefined where an address was given. */
  readonly resolved: readonly string[] | undefined;
}

/** Within the range from which Linux takes the ports of clients. */
export const DEFAULT_CLIENT_PORT = 40_000;

/** HTTP. */
export const DEFAULT_SERVER_PORT = 80;

const RESOLVE_TIMEOUT_MS = 5_000; // as long as the resolver of glibc waits for its first answer

/** Reads `--client`, an IP address with or without a port, and `--source-port`, which says the port too. Throws wrong use. */
export function parseClient(text: string, sourcePort?: string): Origin {
  const client = readAddress(text, DEFAULT_CLIENT_PORT);
  if (client === undefined)
    throw wrongUse(
      `--client ${JSON.stringify(text)} is no IP address: write 192.0.2.1, 192.0.2.1:40000, ` +
        '2001:db8::1 or [2001:db8::1]:40000',
    );
  if (sourcePort === undefined) return client;
  const port = parseNumber('--source-port', sourcePort, { min: 1, max: MAX_PORT });
  if (client.hasPort && client.address.port !== port)
    throw wrongUse(
      `--source-port ${port} and --client ${text} name two ports of the client: give one of them`,
    );
  return { address: client.address.withPort(port), hasPort: true };
}

/** Reads a whole number in decimal digits, without sign or leading zeros. Throws wrong use. */
export function parseNumber(
  option: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = /^(?:0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : -1; // ten digits hold 32 bits
  if (value >= min && value <= max) return value;
  throw wrongUse(
    `${option} ${JSON.stringify(text)} is out of range: give a whole number of ${min} to ${max}`,
  );
}

/**
 * Reads `--to`: an IP address or a host name, with or without a port. A name is looked up, and one that the system does not
 * know in the tables of the policy.
 */
export async function parseDestination(
  text: string,
  policy: Pick<Policy, 'services'>,
  tools: Pick<Tools, 'lookUpHost'>,
): Promise<Destination> {
  const address = readAddress(text, DEFAULT_SERVER_PORT);
  if (address !== undefined)
    return { text, host: String(address.address.address), ...address, resolved: undefined };
  const { host, port, hasPort } = readHost(text);
  const result = await tools.lookUpHost(host, RESOLVE_TIMEOUT_MS);
  const found = result.ok ? result.addresses : [];
  const first = found[0] ?? addressInTables(host, policy);
  if (first === undefined) {
    const why = result.ok ? 'it has no address' : result.error;
    throw new CommandError(
      'explain.unresolved',
      `Cannot resolve ${JSON.stringify(host)} (${why}): correct the name, or give an IP address`,
    );
  }
  const resolved = found.map(String);
  return { text, host, address: new SocketAddress(first, port), hasPort, resolved };
}

/** The first address that a `hashResolver` has of a name. */
function addressInTables(
  host: string,
  { services }: Pick<Policy, 'services'>,
): IpAddress | undefined {
  for (const service of services) {
    const table = service.kind === 'service' ? service.resolver : undefined;
    const [first] = table?.type === 'hash' ? lookUpInTable(table, host) : [];
    if (first !== undefined) return first;
  }
  return undefined;
}

/** `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, and each with a port. IPv4-mapped addresses are IPv4. */
function readAddress(text: string, defaultPort: number): Origin | undefined {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const address = IpAddress.tryParse(bare);
  if (address !== undefined)
    return { address: new SocketAddress(address.unmapped(), defaultPort), hasPort: false };
  const both = SocketAddress.tryParse(text);
  if (both === undefined) return undefined;
  return { address: new SocketAddress(both.address.unmapped(), both.port), hasPort: true };
}

const HOST = /^(?<host>[^:[\]\s/]+)(?::(?<port>[1-9][0-9]{0,4}))?$/;

function readHost(text: string): {
  readonly host: string;
  readonly port: number;
  readonly hasPort: boolean;
} {
  const { host, port } = HOST.exec(text)?.groups ?? {};
  const number = port === undefined ? DEFAULT_SERVER_PORT : Number(port);
  if (host !== undefined && number <= MAX_PORT)
    return { host, port: number, hasPort: port !== undefined };
  throw wrongUse(
    `--to ${JSON.stringify(text)} is no address: write 192.0.2.1:443, [2001:db8::1]:443 or ` +
      'www.example.org:443 (port 1 to 65535)',
  );
}
