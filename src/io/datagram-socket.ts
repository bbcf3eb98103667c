// Opens UDP sockets: bound where they are told to, and connected to their peer where they have one.

import type { SocketAddress } from '../address/socket-address.ts';
import type { DatagramMemory, PeerWords } from './datagram-memory.ts';
import type { Libc } from './libc.ts';
import { errorName } from './libc.ts';
import * as linux from './linux-constants.ts';
import { familyNumber } from './socket-address-bytes.ts';

/** The C library with the memory of datagrams. */
export interface DatagramSystem {
  readonly libc: Libc;
  readonly memory: DatagramMemory;
}

/** One option of a socket: its level, name and value. */
export type SocketOption = readonly [level: number, name: number, value: number];

/** A socket to open. */
export interface DatagramSocketRequest {
  /** An address of the family that the socket gets. */
  readonly family: SocketAddress;
  /** Set before the socket is bound. */
  readonly options: readonly SocketOption[];
  readonly bind?: PeerWords | undefined;
  readonly connect?: PeerWords | undefined;
}

/** A socket, or the code of what failed, such as 'EADDRINUSE'. */
export type OpenedDatagramSocket =
  | { readonly ok: true; readonly descriptor: number; readonly local: SocketAddress }
  | { readonly ok: false; readonly error: string };

/** Opens a socket; nothing is left open where a step fails. */
export function openDatagramSocket(
  system: DatagramSystem,
  { family, options, bind, connect }: DatagramSocketRequest,
): OpenedDatagramSocket {
  const { libc, memory } = system;
  const type = linux.SOCK_DGRAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
  const descriptor = libc.socket(familyNumber(family.address), type, 0);
  if (descriptor === -1) return { ok: false, error: errorName(libc.errno()) };
  const steps: (() => number)[] = options.map(
    (option) => () => setSocketOption(system, descriptor, option),
  );
  if (bind !== undefined)
    steps.push(() => memory.withPeer(bind, (at, length) => libc.bind(descriptor, at, length)));
  if (connect !== undefined)
    steps.push(() =>
      memory.withPeer(connect, (at, length) => libc.connect(descriptor, at, length)),
    );
  for (const step of steps) {
    if (step() !== -1) continue;
    const error = errorName(libc.errno());
    libc.close(descriptor);
    return { ok: false, error };
  }
  const local = memory.askAddress((at, length) => libc.getsockname(descriptor, at, length));
  if (local !== undefined) return { ok: true, descriptor, local };
  libc.close(descriptor);
  return { ok: false, error: 'EADDRNOTAVAIL' };
}

/** Sets an option of a socket. @returns -1 if that fails. */
export function setSocketOption(
  { libc, memory }: DatagramSystem,
  descriptor: number,
  [level, name, value]: SocketOption,
): number {
  return memory.withInteger(value, (at) => libc.setsockopt(descriptor, level, name, at, 4));
}

/** Lets a socket of this family have an address that is not of this machine. Needs CAP_NET_ADMIN. */
export function transparentOption({ address }: SocketAddress): SocketOption {
  return familyNumber(address) === linux.AF_INET
    ? [linux.SOL_IP, linux.IP_TRANSPARENT, 1]
    : [linux.SOL_IPV6, linux.IPV6_TRANSPARENT, 1];
}
