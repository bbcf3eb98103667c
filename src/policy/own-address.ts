// Which addresses are of this machine: the guard against loops, and against reaching the firewall's own services.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import { Subnet } from '../address/subnet.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { Listener } from './make-listener.ts';

/** The addresses at which a machine reaches itself. */
export const LOOPBACKS = [Subnet.parse('127.0.0.0/8'), Subnet.parse('::1')];
const UNSPECIFIED = [Subnet.parse('0.0.0.0/8'), Subnet.parse('::')]; // 0.0.0.0/8 is "this network": RFC 1122, 3.2.1.3

/** Whether a listener takes this IP protocol: UDP, or what is no UDP; the hidden listener of the rules takes both. */
export function takesProtocol(
  { protocol, isHidden }: Pick<Listener, 'protocol' | 'isHidden'>,
  number: number,
): boolean {
  return isHidden || (protocol === 'udp') === (number === PROTOCOL_NUMBERS.udp);
}

/**
 * Whether a listener listens on an address. For one on all addresses (0.0.0.0, ::) those that are surely of this machine
 * count: loopback ones, and `own`, such as the address at which a client reached it. A listener on :: has IPv6 only.
 * Connecting to 0.0.0.0 or :: reaches this machine, so both count as every address.
 */
export function listensOn(
  listener: Listener,
  address: SocketAddress,
  own: IpAddress | undefined,
): boolean {
  for (const bind of listener.binds)
    if (bind.port === address.port && reaches(bind, address, own)) return true;
  return false;
}

function reaches(bind: SocketAddress, address: SocketAddress, own: IpAddress | undefined): boolean {
  if (bind.address.equals(address.address)) return true;
  if (isIn(UNSPECIFIED, address.address)) return true;
  if (!isEverywhere(bind, address)) return false;
  return isIn(LOOPBACKS, address.address) || own?.equals(address.address) === true;
}

/** Whether two binds cannot both be opened: the same address, or one that stands for all of its family. */
export function bindsOverlap(one: SocketAddress, other: SocketAddress): boolean {
  if (one.port !== other.port || one.port === 0) return false; // for port 0 the kernel chooses another each time
  if (one.address.family !== other.address.family) return false;
  return one.address.equals(other.address) || isWildcard(one) || isWildcard(other);
}

/** Whether a bind is on all addresses of the family of another address. */
function isEverywhere(bind: SocketAddress, address: SocketAddress): boolean {
  return isWildcard(bind) && bind.address.family === address.address.family;
}

function isWildcard({ address }: SocketAddress): boolean {
  return isAnyAddress(address);
}

/** Whether an address stands for all of its family: 0.0.0.0 and ::. */
export function isAnyAddress(address: IpAddress): boolean {
  return address.word0 === 0 && address.word1 === 0 && address.word2 === 0 && address.word3 === 0;
}

function isIn(subnets: readonly Subnet[], address: IpAddress): boolean {
  return subnets.some((subnet) => subnet.contains(address));
}
