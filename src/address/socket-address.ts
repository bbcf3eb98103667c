// An address and a port: where a connection comes from or goes to.

import { parseDecimal } from './decimal.ts';
import { isHostName } from './host-name.ts';
import { IpAddress } from './ip-address.ts';
import { readIpText } from './ip-text.ts';
import { MAX_PORT } from './port.ts';
import { SHOWN } from './shown.ts';

/** An IP address and a port. Immutable. Port 0 means "any", as it does to bind(2). */
export class SocketAddress {
  readonly address: IpAddress;
  readonly port: number;

  /** Throws a RangeError when the port is not an integer of 0 to 65535. */
  constructor(address: IpAddress, port: number) {
    if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
      throw new RangeError(`Cannot use port ${port}: give an integer of 0 to ${MAX_PORT}`);
    }
    this.address = address;
    this.port = port;
    Object.freeze(this); // functions of the policy see it, and other sessions have the same one
  }

  /**
   * Makes a socket address of its two halves, the address as such or as text. Throws a RangeError for
   * what is no port, and a SyntaxError for a text that `IpAddress.parse()` refuses.
   */
  static of(address: IpAddress | string, port: number): SocketAddress {
    return new SocketAddress(
      typeof address === 'string' ? IpAddress.parse(address) : address,
      port,
    );
  }

  /**
   * Reads `192.0.2.1:80` or `[2001:db8::1]:80` (RFC 3986, 3.2.2). Throws a SyntaxError, which names
   * the value and the cure, for anything else: host names, a missing port, IPv6 without brackets.
   */
  static parse(text: string): SocketAddress {
    const reading = readSocketAddress(text);
    if ('cure' in reading) {
      throw new SyntaxError(`Cannot parse socket address ${JSON.stringify(text)}: ${reading.cure}`);
    }
    return new SocketAddress(reading.address, reading.port);
  }

  /** Like `parse()`, but a text that `parse()` refuses is `undefined`. */
  static tryParse(text: string): SocketAddress | undefined {
    const reading = readSocketAddress(text);
    return 'cure' in reading ? undefined : new SocketAddress(reading.address, reading.port);
  }

  /** Whether both are the same address and port. */
  equals(other: SocketAddress): boolean {
    return this.port === other.port && this.address.equals(other.address);
  }

  /** The same address with another port. Throws a RangeError for what is no port. */
  withPort(port: number): SocketAddress {
    return new SocketAddress(this.address, port);
  }

  /** The canonical text, which `parse()` reads back: `192.0.2.1:80` or `[2001:db8::1]:80`. */
  toString(): string {
    const address = this.address.toString();
    return this.address.family === 'ipv4' ? `${address}:${this.port}` : `[${address}]:${this.port}`;
  }

  [SHOWN](): string {
    return `SocketAddress ${this.toString()}`;
  }
}

type SocketAddressReading =
  { readonly address: IpAddress; readonly port: number } | { readonly cure: string };

const SHAPE = 'write address and port, as in 192.0.2.1:80 or [2001:db8::1]:80';

function readSocketAddress(text: string): SocketAddressReading {
  const cure = cureOfOther(text);
  if (cure !== undefined) return { cure };
  const colon = text.lastIndexOf(':');
  if (colon === -1) return { cure: SHAPE };
  if (isHostName(text.slice(0, colon)))
    return { cure: 'write the address in the place of the name: names are not looked up here' };
  const host = readHost(text.slice(0, colon));
  if ('cure' in host) return host;
  const port = parseDecimal(text.slice(colon + 1), MAX_PORT);
  if (port === undefined) {
    return { cure: `port must be 0-${MAX_PORT}, without sign or leading zeros` };
  }
  return { address: host.address, port };
}

/** What to make of a URL, or of an IPv6 address without a port. */
function cureOfOther(text: string): string | undefined {
  const scheme = /^[a-z]+:\/\//i.exec(text)?.[0];
  if (scheme !== undefined) return `leave out ${scheme}`;
  if (isIpv6(text)) return `write the address in brackets and add the port, as in [${text}]:80`;
  const [, alone = ''] = /^\[(.+)\]$/.exec(text) ?? [];
  return isIpv6(alone) ? `add the port, as in ${text}:80` : undefined;
}

function isIpv6(text: string): boolean {
  return IpAddress.tryParse(text)?.family === 'ipv6';
}

/** Brackets are needed around IPv6, where the last colon could be the address's own, and wrong around IPv4. */
function readHost(host: string): { readonly address: IpAddress } | { readonly cure: string } {
  const isBracketed = host.startsWith('[') && host.endsWith(']');
  const text = isBracketed ? host.slice(1, -1) : host;
  const reading = readIpText(text);
  if ('cure' in reading) return reading;
  if (isBracketed !== (reading.family === 'ipv6')) return { cure: SHAPE };
  return { address: IpAddress.parse(text) };
}
