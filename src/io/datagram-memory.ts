// The memory through which datagrams come and go: one for the whole process, since a datagram is passed on before the
// next one is read. The layouts are those of recvmsg(2), cmsg(3), ip(7) and ipv6(7) on 64-bit Linux.

import type { SocketAddress } from '../address/socket-address.ts';
import type { DatagramDestination } from './datagram-destination.ts';
import { readDestination, UNTOLD } from './datagram-destination.ts';
import { allocateGuarded } from './guarded-memory.ts';
import type { GuardedMemory } from './guarded-memory.ts';
import type { Libc } from './libc.ts';
import * as linux from './linux-constants.ts';
import {
  readSocketAddress,
  SOCKET_ADDRESS_BYTES,
  writeSocketAddress,
} from './socket-address-bytes.ts';

/** No datagram is longer: the length of UDP has 16 bits, and counts a header of 8 bytes (RFC 768). */
export const MAX_DATAGRAM_BYTES = 65_527;

// One page for the structures, one for the bytes; each is far from the other, and the bytes end at the guard.
const MESSAGE_AT = 0;
const VECTOR_AT = 64;
const NAME_AT = 128;
const CONTROL_AT = 256;
const CONTROL_BYTES = 512; // two or three ancillary messages, the largest of 48 bytes
const ADDRESS_AT = 1024;
const LENGTH_AT = 1056;
const BYTES_AT = 65_536;
const WHOLE_BYTES = 131_072;
const ROOM_BYTES = WHOLE_BYTES - BYTES_AT;

const NAME_WORD = NAME_AT / 4;
const SOURCE_WORDS_IPV4 = [0, 1]; // family and port, address
const SOURCE_WORDS_IPV6 = [0, 2, 3, 4, 5]; // without the flow label, which is no part of who sends

/** The address of a peer, as bytes to compare with and to connect to. */
export type PeerWords = Int32Array;

/** The bytes of an address; `scope` is the index of the interface of a link-local one. */
export function peerWords(address: SocketAddress, scope = 0): PeerWords {
  const words = new Int32Array(SOCKET_ADDRESS_BYTES / 4);
  writeSocketAddress(new DataView(words.buffer), 0, address, scope);
  return words;
}

/** Reads and writes datagrams of all sockets. */
export class DatagramMemory {
  readonly #libc: Libc;
  readonly #memory: GuardedMemory;
  readonly #sendMemory: GuardedMemory;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#memory = allocateGuarded(libc, WHOLE_BYTES);
    this.#sendMemory = allocateGuarded(libc, ROOM_BYTES);
    const { view, address } = this.#memory;
    view.setBigUint64(MESSAGE_AT, BigInt(address + NAME_AT), true);
    view.setBigUint64(MESSAGE_AT + 16, BigInt(address + VECTOR_AT), true);
    view.setBigUint64(MESSAGE_AT + 24, 1n, true);
    view.setBigUint64(MESSAGE_AT + 32, BigInt(address + CONTROL_AT), true);
    view.setBigUint64(VECTOR_AT, BigInt(address + BYTES_AT), true);
    view.setBigUint64(VECTOR_AT + 8, BigInt(ROOM_BYTES), true);
  }

  /** Receives one datagram. @returns its length, or the error number, negative. */
  receive(descriptor: number): number {
    const { view, address } = this.#memory;
    view.setUint32(MESSAGE_AT + 8, SOCKET_ADDRESS_BYTES, true);
    view.setUint32(MESSAGE_AT + 40, CONTROL_BYTES, true);
    const length = this.#libc.recvmsg(descriptor, address + MESSAGE_AT, linux.MSG_DONTWAIT);
    return length === -1 ? -this.#libc.errno() : length;
  }

  /** The datagram that was received last: lent, until the next one is received. */
  received(length: number): Uint8Array {
    return this.#memory.bytes.subarray(BYTES_AT, BYTES_AT + length);
  }

  /** Whether the last datagram was longer than any can be here: what there is of it is worth nothing. */
  get isTruncated(): boolean {
    return (this.#flags & linux.MSG_TRUNC) !== 0;
  }

  /** Who sent the last datagram. */
  get source(): SocketAddress | undefined {
    return readSocketAddress(this.#memory.view, NAME_AT);
  }

  /** A copy of the address of whoever sent the last datagram. */
  copySource(): PeerWords {
    return this.#memory.words.slice(NAME_WORD, NAME_WORD + SOCKET_ADDRESS_BYTES / 4);
  }

  /** Whether the last datagram came from this peer. */
  isFrom(peer: PeerWords): boolean {
    const { words } = this.#memory;
    const isIpv4 = ((peer[0] ?? 0) & 0xffff) === linux.AF_INET;
    const counting = isIpv4 ? SOURCE_WORDS_IPV4 : SOURCE_WORDS_IPV6;
    return counting.every((index) => words[NAME_WORD + index] === peer[index]);
  }

  /** Where the last datagram went. */
  get destination(): DatagramDestination {
    if ((this.#flags & linux.MSG_CTRUNC) !== 0) return UNTOLD;
    const { view } = this.#memory;
    const length = Math.min(view.getUint32(MESSAGE_AT + 40, true), CONTROL_BYTES);
    return readDestination(view, CONTROL_AT, CONTROL_AT + length);
  }

  get #flags(): number {
    return this.#memory.view.getUint32(MESSAGE_AT + 48, true);
  }

  /** Sends a datagram on a socket that is connected. @returns 0, or the error number. */
  send(descriptor: number, bytes: Uint8Array): number {
    if (bytes.length > MAX_DATAGRAM_BYTES) return linux.EMSGSIZE;
    const flags = linux.MSG_DONTWAIT | linux.MSG_NOSIGNAL;
    const sent = this.#libc.send(descriptor, this.#addressOf(bytes), bytes.length, flags);
    return sent === -1 ? this.#libc.errno() : 0;
  }

  /** What has just been received goes out from where it is; everything else is copied. */
  #addressOf(bytes: Uint8Array): number {
    const { buffer, byteOffset } = bytes;
    if (buffer === this.#memory.bytes.buffer) return this.#memory.address + byteOffset;
    this.#sendMemory.bytes.set(bytes);
    return this.#sendMemory.address;
  }

  /** Calls with the address of a structure of this memory that has this peer in it, and its length. */
  withPeer(peer: PeerWords, call: (address: number, length: number) => number): number {
    this.#memory.words.set(peer, ADDRESS_AT / 4);
    const isIpv4 = ((peer[0] ?? 0) & 0xffff) === linux.AF_INET;
    return call(this.#memory.address + ADDRESS_AT, isIpv4 ? 16 : SOCKET_ADDRESS_BYTES);
  }

  /** Calls with room for an address and its length, such as for getsockname(2); undefined if the call fails. */
  askAddress(call: (address: number, length: number) => number): SocketAddress | undefined {
    const { view, address } = this.#memory;
    view.setInt32(LENGTH_AT, SOCKET_ADDRESS_BYTES, true);
    const result = call(address + ADDRESS_AT, address + LENGTH_AT);
    return result === -1 ? undefined : readSocketAddress(view, ADDRESS_AT);
  }

  /** Calls with the address of an integer, for setsockopt(2). */
  withInteger(value: number, call: (address: number) => number): number {
    this.#memory.view.setInt32(ADDRESS_AT, value, true);
    return call(this.#memory.address + ADDRESS_AT);
  }
}
