// A socket on which the Linux kernel tells of interfaces and addresses: netlink(7). What anybody else sends is not read.

import { allocateGuarded } from './guarded-memory.ts';
import type { GuardedMemory } from './guarded-memory.ts';
import { errorName } from './libc.ts';
import type { Libc } from './libc.ts';
import type { Watch } from './loop-watch.ts';
import { AF_NETLINK, MSG_TRUNC, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from './linux-constants.ts';

const NETLINK_ROUTE = 0;
const INTERFACES_AND_ADDRESSES = 0x111; // RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR

// The kernel cuts what it tells at 32 KiB (netlink_dump): nothing that it sends is larger than this.
const RECEIVE_BYTES = 65_536;

// Places in the memory of a socket: struct msghdr, struct sockaddr_nl, struct iovec, a request, what is received.
const MESSAGE_AT = 0;
const NAME_AT = 64;
const NAME_BYTES = 12;
const PEER_AT = NAME_AT + 4; // nl_pid: 0 is the kernel
const VECTOR_AT = 96;
const REQUEST_AT = 128;
const RECEIVE_AT = 65_536;

/** What a receive gave: bytes, lent until the next one; nothing now; or that messages were lost. */
export type Received = Uint8Array | 'nothing' | 'lost';

/** One piece of memory for all sockets: nothing is left in it when a call has returned. */
const memories = new WeakMap<Libc, GuardedMemory>();

function memoryOf(libc: Libc): GuardedMemory {
  const memory = memories.get(libc) ?? allocateGuarded(libc, RECEIVE_AT + RECEIVE_BYTES);
  memories.set(libc, memory);
  return memory;
}

/** A socket to the kernel. */
export class NetlinkSocket {
  readonly #libc: Libc;
  readonly #memory: GuardedMemory;
  readonly #descriptor: number;
  #watch: Watch | undefined;

  /**
   * Opens one; `hears` is whether it hears news, too, and not only answers. Throws an Error with the name of the system's
   * error.
   */
  constructor(libc: Libc, hears: 'news' | 'answers') {
    this.#libc = libc;
    this.#memory = memoryOf(libc);
    const type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
    this.#descriptor = this.#checked(libc.socket(AF_NETLINK, type, NETLINK_ROUTE));
    this.#writeName(hears === 'news' ? INTERFACES_AND_ADDRESSES : 0);
    const { address } = this.#memory;
    try {
      this.#checked(libc.bind(this.#descriptor, address + NAME_AT, NAME_BYTES));
      this.#writeName(0); // the kernel, from now on the only one that this socket speaks with
      this.#checked(libc.connect(this.#descriptor, address + NAME_AT, NAME_BYTES));
    } catch (error) {
      libc.close(this.#descriptor);
      throw error;
    }
  }

  /** Sends a request. Throws an Error with the name of the system's error. */
  send(request: Uint8Array): void {
    if (request.length > RECEIVE_AT - REQUEST_AT) throw new RangeError('The request is too long');
    this.#memory.bytes.set(request, REQUEST_AT);
    const at = this.#memory.address + REQUEST_AT;
    this.#checked(this.#libc.send(this.#descriptor, at, request.length, 0));
  }

  /** Takes what has come, as far as it is from the kernel. Never waits. Throws as `send`. */
  receive(): Received {
    for (;;) {
      this.#writeMessage();
      const { address, bytes, view } = this.#memory;
      const length = this.#libc.recvmsg(this.#descriptor, address + MESSAGE_AT, 0);
      if (length < 0) return this.#failure();
      if (view.getUint32(PEER_AT, true) !== 0) continue; // somebody else (netlink(7): check nl_pid)
      const flags = view.getInt32(MESSAGE_AT + 48, true);
      if ((flags & MSG_TRUNC) !== 0) return 'lost';
      return bytes.subarray(RECEIVE_AT, RECEIVE_AT + length);
    }
  }

  /** From now on `call` is called whenever something has come. It does not keep the process alive. */
  onReadable(call: () => void): void {
    this.#watch = this.#libc.watch(this.#descriptor, call);
    this.#watch.unref();
  }

  /** Gives the descriptor back; call it once. */
  close(): void {
    this.#watch?.close();
    this.#libc.close(this.#descriptor);
  }

  #failure(): Received {
    const error = errorName(this.#libc.errno());
    if (error === 'EAGAIN' || error === 'EINTR') return 'nothing';
    if (error === 'ENOBUFS') return 'lost';
    throw unreadable(error);
  }

  #checked(result: number): number {
    if (result < 0) throw unreadable(errorName(this.#libc.errno()));
    return result;
  }

  /** struct sockaddr_nl: family, padding, the kernel's id, groups. */
  #writeName(groups: number): void {
    const { view } = this.#memory;
    view.setUint32(NAME_AT, AF_NETLINK, true);
    view.setUint32(PEER_AT, 0, true);
    view.setUint32(NAME_AT + 8, groups, true);
  }

  /** struct msghdr, which recvmsg(2) overwrites: a name, one vector, no control data. */
  #writeMessage(): void {
    const { address, view } = this.#memory;
    const words = [address + NAME_AT, NAME_BYTES, address + VECTOR_AT, 1, 0, 0, 0];
    words.forEach((value, index) => {
      view.setBigUint64(MESSAGE_AT + 8 * index, BigInt(value), true);
    });
    view.setBigUint64(VECTOR_AT, BigInt(address + RECEIVE_AT), true);
    view.setBigUint64(VECTOR_AT + 8, BigInt(RECEIVE_BYTES), true);
    view.setUint32(PEER_AT, 0xffff_ffff, true); // what the kernel does not fill in is nobody it knows
  }
}

/** That the kernel cannot be asked, and what it says. */
export function unreadable(error: string): Error {
  return new Error(`Cannot ask the kernel for interfaces: the system says ${error}`);
}
