// TCP sockets by system calls: made, bound and asked for their addresses. What fails says so with -1 or undefined, and
// `errno()` is the reason.

import type { SocketAddress } from '../address/socket-address.ts';
import * as linux from './linux-constants.ts';
import {
  familyNumber,
  readSocketAddress,
  SOCKET_ADDRESS_BYTES,
  writeSocketAddress,
} from './socket-address-bytes.ts';
import { setOption } from './socket-option.ts';
import type { OptionName, SystemCalls } from './socket-option.ts';

// Places in the memory for parameters: a length, an address, and what belongs to an option.
const LENGTH_AT = 0;
const ADDRESS_AT = 64;
const OPTION_AT = 128;
const OPTION_BYTES = 256;

const IPV4: OptionSet = {
  transparent: [linux.SOL_IP, linux.IP_TRANSPARENT],
  tos: [linux.SOL_IP, linux.IP_TOS],
  packetInfo: [linux.SOL_IP, linux.IP_PKTINFO],
  packetOptions: [linux.SOL_IP, linux.IP_PKTOPTIONS],
  original: [linux.SOL_IP, linux.SO_ORIGINAL_DST],
  interfaceAt: 0, // struct in_pktinfo begins with it
};
const IPV6: OptionSet = {
  transparent: [linux.SOL_IPV6, linux.IPV6_TRANSPARENT],
  tos: [linux.SOL_IPV6, linux.IPV6_TCLASS],
  packetInfo: [linux.SOL_IPV6, linux.IPV6_RECVPKTINFO],
  packetOptions: [linux.SOL_IPV6, linux.IPV6_2292PKTOPTIONS],
  original: [linux.SOL_IPV6, linux.IP6T_SO_ORIGINAL_DST],
  interfaceAt: 16, // struct in6_pktinfo ends with it
};

interface OptionSet {
  readonly transparent: OptionName;
  readonly tos: OptionName;
  /** Has the kernel remember by which interface a connection came; accepted sockets have it from their listener. */
  readonly packetInfo: OptionName;
  readonly packetOptions: OptionName;
  readonly original: OptionName;
  readonly interfaceAt: number;
}

/** The options that each family has by another name. */
export function optionsOf({ address }: SocketAddress): OptionSet {
  return familyNumber(address) === linux.AF_INET ? IPV4 : IPV6;
}

/** Makes a non-blocking TCP socket of the family of an address: its descriptor, or -1. */
export function openTcpSocket({ libc }: SystemCalls, { address }: SocketAddress): number {
  const type = linux.SOCK_STREAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
  return libc.socket(familyNumber(address), type, 0);
}

/** Sets options, each to its value; those without one are left as they are. False: one failed. */
export function setOptions(
  calls: SystemCalls,
  descriptor: number,
  options: readonly (readonly [OptionName, number | undefined])[],
): boolean {
  return options.every(
    ([name, value]) => value === undefined || setOption(calls, descriptor, name, value),
  );
}

/** bind(2); 0 or -1. */
export function bindTo(calls: SystemCalls, descriptor: number, to: SocketAddress): number {
  const length = writeAddress(calls, to);
  return calls.libc.bind(descriptor, calls.parameters.address + ADDRESS_AT, length);
}

/** connect(2); 0 or -1. */
export function connectTo(calls: SystemCalls, descriptor: number, to: SocketAddress): number {
  const length = writeAddress(calls, to);
  return calls.libc.connect(descriptor, calls.parameters.address + ADDRESS_AT, length);
}

function writeAddress({ parameters }: SystemCalls, address: SocketAddress): number {
  return writeSocketAddress(parameters.view, ADDRESS_AT, address);
}

/** The address that a socket is bound to. */
export function localAddress(calls: SystemCalls, descriptor: number): SocketAddress | undefined {
  return addressOf(calls, descriptor, 'getsockname');
}

/** The address that a socket is connected to. */
export function peerAddress(calls: SystemCalls, descriptor: number): SocketAddress | undefined {
  return addressOf(calls, descriptor, 'getpeername');
}

function addressOf(
  { libc, parameters }: SystemCalls,
  descriptor: number,
  call: 'getsockname' | 'getpeername',
): SocketAddress | undefined {
  const { address, view, words } = parameters;
  words[LENGTH_AT] = SOCKET_ADDRESS_BYTES;
  const result = libc[call](descriptor, address + ADDRESS_AT, address + LENGTH_AT);
  return result === 0 ? readSocketAddress(view, ADDRESS_AT) : undefined;
}

/** Accepts a connection; its descriptor, or -1. `acceptedPeer` tells who it is, until the next call. */
export function acceptFrom({ libc, parameters }: SystemCalls, listener: number): number {
  const { address, words } = parameters;
  words[LENGTH_AT] = SOCKET_ADDRESS_BYTES;
  const flags = linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
  return libc.accept4(listener, address + ADDRESS_AT, address + LENGTH_AT, flags);
}

/** Who the connection is from that `acceptFrom` has just accepted. */
export function acceptedPeer({ parameters }: SystemCalls): SocketAddress | undefined {
  return readSocketAddress(parameters.view, ADDRESS_AT);
}

/** Where a connection went before a `redirect` of the packet filter sent it here; undefined: it was not redirected. */
export function originalDestination(
  { libc, parameters }: SystemCalls,
  descriptor: number,
  local: SocketAddress,
): SocketAddress | undefined {
  const { address, view, words } = parameters;
  const [level, name] = optionsOf(local).original;
  words[LENGTH_AT] = SOCKET_ADDRESS_BYTES;
  const place = address + ADDRESS_AT;
  const result = libc.getsockopt(descriptor, level, name, place, address + LENGTH_AT);
  return result === 0 ? readSocketAddress(view, ADDRESS_AT) : undefined;
}

/**
 * The index of the interface by which the first packet of an accepted connection came; undefined where the listener
 * did not set `packetInfo`. The kernel keeps it as that of multicast (ip_sockglue.c and ipv6_sockglue.c, PKTOPTIONS).
 */
export function incomingInterface(
  { libc, parameters }: SystemCalls,
  descriptor: number,
  local: SocketAddress,
): number | undefined {
  const { address, view, words } = parameters;
  const { packetInfo, packetOptions, interfaceAt } = optionsOf(local);
  const [level, name] = packetOptions;
  words[LENGTH_AT] = OPTION_BYTES;
  const place = address + OPTION_AT;
  if (libc.getsockopt(descriptor, level, name, place, address + LENGTH_AT) !== 0) return undefined;
  // struct cmsghdr: length (8 bytes), level, type; then the data. Packet information is the first that is written.
  const hasInformation = words[LENGTH_AT] >= 16 + interfaceAt + 4;
  const isIt = PACKET_INFO_TYPES.includes(view.getInt32(OPTION_AT + 12, true));
  if (!hasInformation || !isIt || view.getInt32(OPTION_AT + 8, true) !== packetInfo[0]) {
    return undefined;
  }
  return view.getInt32(OPTION_AT + 16 + interfaceAt, true);
}

const PACKET_INFO_TYPES: readonly number[] = [linux.IP_PKTINFO, linux.IPV6_PKTINFO];
