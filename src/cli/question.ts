// What `zorp explain` is asked: a client and where it wants to go, read from the command line.

import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { Tools } from './command.ts';
import { CommandError, wrongUse } from './command.ts';

/** Where a client wants to go. */
export interface Destination {
  /** As it was given. */
  readonly text: string;
  /** As a protocol would name it: without the port. */
  readonly host: string;
  /** Its first address. */
  readonly address: SocketAddress;
  /** All addresses of the name, in the resolver's order; undefined where an address was given. */
  readonly resolved: readonly string[] | undefined;
}

/** Within the range from which Linux takes the ports of clients. */
export const DEFAULT_CLIENT_PORT = 40_000;

/** HTTP. */
export const DEFAULT_SERVER_PORT = 80;

const RESOLVE_TIMEOUT_MS = 5_000; // as long as the resolver of glibc waits for its first answer

/** Reads `--client`: an IP address, with or without a port. Throws wrong use. */
export function parseClient(text: string): SocketAddress {
  const address = readAddress(text, DEFAULT_CLIENT_PORT);
  if (address !== undefined) return address;
  throw wrongUse(
    `--client ${JSON.stringify(text)} is no IP address: write 192.0.2.1, 192.0.2.1:40000, ` +
      '2001:db8::1 or [2001:db8::1]:40000',
  );
}

/** Reads `--to`: an IP address or a host name, with or without a port; a name is looked up. */
export async function parseDestination(
  text: string,
  tools: Pick<Tools, 'lookUpHost'>,
): Promise<Destination> {
  const address = readAddress(text, DEFAULT_SERVER_PORT);
  if (address !== undefined)
    return { text, host: String(address.address), address, resolved: undefined };
  const { host, port } = readHost(text);
  const result = await tools.lookUpHost(host, RESOLVE_TIMEOUT_MS);
  const [first] = result.ok ? result.addresses : [];
  if (!result.ok || first === undefined) {
    const why = result.ok ? 'it has no address' : result.error;
    throw new CommandError(
      'explain.unresolved',
      `Cannot resolve ${JSON.stringify(host)} (${why}): correct the name, or give an IP address`,
    );
  }
  const resolved = result.addresses.map(String);
  return { text, host, address: new SocketAddress(first, port), resolved };
}

/** `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, and each with a port. IPv4-mapped addresses are IPv4. */
function readAddress(text: string, defaultPort: number): SocketAddress | undefined {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const address = IpAddress.tryParse(bare);
  if (address !== undefined) return new SocketAddress(address.unmapped(), defaultPort);
  const both = SocketAddress.tryParse(text);
  return both === undefined ? undefined : new SocketAddress(both.address.unmapped(), both.port);
}

const HOST = /^(?<host>[^:[\]\s/]+)(?::(?<port>[1-9][0-9]{0,4}))?$/;

function readHost(text: string): { readonly host: string; readonly port: number } {
  const { host, port = String(DEFAULT_SERVER_PORT) } = HOST.exec(text)?.groups ?? {};
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw wrongUse(
    `--to ${JSON.stringify(text)} is no address: write 192.0.2.1:443, [2001:db8::1]:443 or ` +
      'www.example.org:443 (port 1 to 65535)',
  );
}
