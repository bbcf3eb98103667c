// Where a datagram went, from the ancillary messages that the kernel gives with it (cmsg(3), ip(7), ipv6(7)).

import { IpAddress } from '../address/ip-address.ts';
import * as linux from './linux-constants.ts';
import { readSocketAddress } from './socket-address-bytes.ts';

/** Where a datagram went, as far as the kernel says it. */
export interface DatagramDestination {
  /** Undefined where the kernel says nothing: the address that the socket is bound to. */
  readonly address: IpAddress | undefined;
  /** Undefined where only the address is told: the port that the socket is bound to. */
  readonly port: number | undefined;
  /** Index of the interface by which it came; 0 where the kernel does not say. */
  readonly interfaceIndex: number;
  /** It was sent to an address that many machines have (broadcast): nobody can answer from there. */
  readonly isBroadcast: boolean;
}

/** What is known where the kernel says nothing. */
export const UNTOLD: DatagramDestination = Object.freeze({
  address: undefined,
  port: undefined,
  interfaceIndex: 0,
  isBroadcast: false,
});

const HEADER_BYTES = 16; // struct cmsghdr with 64 bits: length of 8 bytes, level and type of 4 bytes each
const ALIGNMENT = 8;

/** Reads the ancillary messages between two offsets. The original destination counts before the packet's: it has the port. */
export function readDestination(view: DataView, from: number, end: number): DatagramDestination {
  let packet = UNTOLD;
  let original: Partial<DatagramDestination> = {};
  for (let at = from; at + HEADER_BYTES <= end;) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES || at + length > end) break;
    const level = view.getInt32(at + 8, true);
    const type = view.getInt32(at + 12, true);
    const data = at + HEADER_BYTES;
    if (isOriginal(level, type)) original = readSocketAddress(view, data) ?? original;
    else packet = readPacketInfo(view, data, level, type) ?? packet;
    at += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }
  const { address = packet.address, port } = original;
  return { ...packet, address, port };
}

/** IP_ORIGDSTADDR and IPV6_ORIGDSTADDR are the same numbers as the options that ask for them. */
function isOriginal(level: number, type: number): boolean {
  return level === linux.SOL_IP
    ? type === linux.IP_RECVORIGDSTADDR
    : level === linux.SOL_IPV6 && type === linux.IPV6_RECVORIGDSTADDR;
}

/** struct in_pktinfo: interface, own address, destination. struct in6_pktinfo: destination, interface. */
function readPacketInfo(
  view: DataView,
  at: number,
  level: number,
  type: number,
): DatagramDestination | undefined {
  if (level === linux.SOL_IP && type === linux.IP_PKTINFO) {
    const destination = view.getUint32(at + 8);
    return {
      address: new IpAddress('ipv4', [destination, 0, 0, 0]),
      port: undefined,
      interfaceIndex: view.getInt32(at, true),
      // For a unicast destination Linux answers from there (fib_compute_spec_dst); for others from an address of its own.
      isBroadcast: view.getUint32(at + 4) !== destination,
    };
  }
  if (level !== linux.SOL_IPV6 || type !== linux.IPV6_PKTINFO) return undefined;
  const [word0, word1, word2] = [
    view.getUint32(at),
    view.getUint32(at + 4),
    view.getUint32(at + 8),
  ];
  const address = new IpAddress('ipv6', [word0, word1, word2, view.getUint32(at + 12)]);
  const interfaceIndex = view.getInt32(at + 16, true);
  return { ...UNTOLD, address: address.unmapped(), interfaceIndex };
}
